/** Why nothing, or not this, was tried, and what would allow it. */
import type { SessionHistory } from '../../../tuner/history.ts';
import { allowText } from '../../words/refusal.ts';
import type { NotTriedData } from '../data.ts';

type NotTried = SessionHistory['notTried'][number];

export function notTriedOf(session: SessionHistory): NotTriedData[] {
  return session.notTried.map((one) => {
    const { code, settings, reason } = one;
    return { code, settings, reason, ...allowedBy(session, one) };
  });
}

/** What would let a setting be tried that something held back. */
export function allowedBy(
  { entry: { options } }: SessionHistory,
  { code, settings, refused }: NotTried,
): Pick<NotTriedData, 'allow' | 'toAllow'> {
  const { mode } = options;
  if (refused && settings) {
    const { from, allow } = refused;
    return { allow, toAllow: allowText({ from, settings, allow, mode }) };
  }
  // A probe moves a knob, which the modes below 'confirm' do not.
  if (code === 'needs-probe' && settings && mode === 'advise') {
    const allow = [{ option: 'mode', value: 'confirm' } as const];
    return { allow, toAllow: allowText({ from: settings, settings, allow, mode }) };
  }
  return { allow: null, toAllow: null };
}
