/** A stored ledger played again, and its chain checked, on the thread that this is done on. */
import type { TunerLedger } from '../../tuner/ledger.ts';
import { replay } from '../../tuner/replay.ts';
import type { Faults } from '../words/faults.ts';
import { openStored } from './open-stored.ts';
import type { Part, ReplayRequest } from './protocol.ts';
import type { StoredReplay } from './stored-replay.ts';

/** Faults that are listed; the others are counted. */
const mostFaults = 100;

/** @throws {SandtuneError} ERR_SANDTUNE_LEDGER, ERR_SANDTUNE_STORE */
export function* replayParts({ path, session }: ReplayRequest): Generator<Part> {
  using ledger = openStored(path);
  yield { of: 'replay', replay: replayed(ledger, session) };
}

export function replayed(ledger: TunerLedger, session: number | undefined): StoredReplay {
  return { path: ledger.path, ...replay(ledger, session), ...faultsOf(ledger, session) };
}

export function faultsOf(ledger: TunerLedger, session: number | undefined): Faults {
  const faults = ledger.faults(session);
  return { faults: faults.slice(0, mostFaults), faultCount: faults.length };
}
