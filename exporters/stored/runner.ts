/** Whether a stored session without a recorded end still runs: who writes it tells, whatever its mode. */
import { isSandtuneError } from '../../src/foundation/errors.ts';
import type { SessionHistory } from '../../tuner/history.ts';
import type { TunerLedger } from '../../tuner/ledger.ts';
import type { Runner } from '../words/open-session.ts';

/** null for a session that has ended, and where its ledger does not tell. */
export function runnerOf(ledger: TunerLedger, session: SessionHistory | null): Runner | null {
  if (session === null || session.ended !== 'open') return null;
  const writer = writerOf(ledger, session.entry.session);
  if (writer === null) return null;
  if (writer.lives === false) return { is: 'gone' };
  return { is: writer.lives ? 'alive' : 'out of sight', holder: writer.process ?? 'somebody' };
}

/** null where it cannot be read: the rest of a damaged ledger is reported all the same. */
function writerOf(ledger: TunerLedger, session: number): ReturnType<TunerLedger['writerOf']> {
  try {
    return ledger.writerOf(session);
  } catch (error) {
    if (isSandtuneError(error)) return null;
    throw error;
  }
}
