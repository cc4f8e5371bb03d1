/** A replay of a stored ledger: what came out, and what was altered, taken out or cut off since it was written. */
import type { Replay } from '../../tuner/replay.ts';
import type { Faults } from '../words/faults.ts';

export interface StoredReplay extends Replay, Faults {
  /** The ledger's file. */
  readonly path: string;
}
