/** What a model predicts of a setting, as it is sealed in the ledger before anything is tried. */
import type { Interval } from '../../src/contracts.ts';

export interface Sealed {
  readonly gain: Interval;
  readonly pGain: number;
  readonly risk: 'low' | 'medium' | 'high';
  readonly model: string;
}
