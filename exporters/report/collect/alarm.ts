/** Limits that are broken now: what comes before every verdict, in every mode. */
import { durationText } from '../../../src/foundation/units.ts';
import type { SessionHistory, SessionWindows } from '../../../tuner/history.ts';
import { brokenNow } from '../../../tuner/trial/limits-now.ts';
import { countedText, listText, shareText } from '../../words/numbers.ts';
import type { BrokenData } from '../data.ts';
import type { SessionJudgement } from './judgement.ts';
import { claiming, type Statement } from './statement.ts';

export function brokenIn({ entry }: SessionHistory, { newest }: SessionWindows): readonly BrokenData[] {
  return brokenNow(entry.goal.guardrails, newest).map(({ limit, value, calls, windows }) => ({
    guardrail: limit.text,
    metric: limit.metric,
    value,
    limit: limit.limit,
    calls,
    windows,
  }));
}

/**
 * 'p99 < 50ms is broken now: p99 62 ms over the newest 2,310 calls'; of a session that has ended: 'was broken at
 * the end'; of one whose process is gone: 'was broken when it was last seen'.
 */
export function alarmOf({ session, brokenNow: broken, runner }: SessionJudgement): Statement | null {
  const [first] = broken;
  if (!first) return null;
  const one = broken.length === 1;
  const when =
    session.ended !== 'open'
      ? `${one ? 'was' : 'were'} broken at the end`
      : runner?.is === 'gone'
        ? `${one ? 'was' : 'were'} broken when last seen`
        : `${one ? 'is' : 'are'} broken now`;
  const readings = broken.map(
    ({ metric, value }) => `${metric} ${metric === 'errors' ? shareText(value, 2) : durationText(value)}`,
  );
  const values = Object.fromEntries(broken.map((one) => [one.metric, one.value]));
  return claiming(
    'alarm',
    `${listText(broken.map((one) => one.guardrail))} ${when}: ${listText(readings)} over the newest ${countedText(first.calls, 'call')}`,
    { ...values, calls: first.calls },
    [1],
  );
}
