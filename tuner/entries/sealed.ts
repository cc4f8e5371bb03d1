/** What a model predicts of a setting, as it is sealed in the ledger before anything is tried. */
import type { Interval } from '../../src/contracts.ts';

export interface Sealed {
  /** What is believed, from the record of the model. */
  readonly gain: Interval;
  /** What the model said, by which its record goes on. Absent: the same. */
  readonly said?: Interval;
  readonly pGain: number;
  readonly risk: 'low' | 'medium' | 'high';
  readonly model: string;
}
