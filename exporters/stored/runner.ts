/** Whether a stored session without a recorded end still runs: the lease of its executor tells. */
import { isSandtuneError } from '../../src/foundation/errors.ts';
import type { HeldLease } from '../../src/store/lease.ts';
import type { SessionHistory } from '../../tuner/history.ts';
import type { TunerLedger } from '../../tuner/ledger.ts';
import { mayChange } from '../../tuner/options.ts';
import type { Runner } from '../words/open-session.ts';

/** null where the lease tells nothing of it: it has ended, needs no lease, or was followed by another session. */
export function runnerOf(ledger: TunerLedger, session: SessionHistory | null): Runner | null {
  if (session === null || session.ended !== 'open') return null;
  const { executor, options, follows, session: number } = session.entry;
  if (follows || !mayChange(options.mode)) return null;
  const leases = leasesOf(ledger);
  if (leases === null) return null;
  const lease = leases.find(({ subject }) => subject === executor);
  if (lease === undefined || lease.lives === false) return { is: 'gone' };
  const newest = ledger.executors().find(({ name }) => name === executor);
  if (newest?.session !== number) return null;
  return { is: lease.lives ? 'alive' : 'out of sight', holder: lease.holder };
}

/** null where they cannot be read: the rest of a damaged ledger is reported all the same. */
function leasesOf(ledger: TunerLedger): readonly HeldLease[] | null {
  try {
    return ledger.leases();
  } catch (error) {
    if (isSandtuneError(error)) return null;
    throw error;
  }
}
