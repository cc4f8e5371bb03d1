/** Why a setting got no trial, or why none got one: the record `not-tried`. */
import type { Settings } from '../../src/contracts.ts';
import type { Sealed } from './sealed.ts';

/** A prediction that a start gate refused. */
export interface Refused {
  /** In force when it was refused: what the prediction compares with. */
  readonly from: Settings;
  readonly predicted: Sealed;
  /** The options that would let it through, all together; null where none does, and only somebody's own proposal is tried. */
  readonly allow: readonly OptionChange[] | null;
}

/** An option of `tune()` with another value. */
export type OptionChange =
  | {
      readonly option: 'minGain' | 'minProbability' | 'maxDurationMs' | 'revertAt';
      readonly value: number;
    }
  | { readonly option: 'mode'; readonly value: 'confirm' };

/** Why nothing was tried, or not this. Closed set. */
export type NotTriedCode =
  /** A user's proposal that changes nothing. */
  | 'already-in-force'
  /** The reference is not quiet enough. */
  | 'not-stable'
  /** An action failed outside a trial: a knob, or the executor gave no window. */
  | 'apply-failed'
  /** A user's proposal, while the ledger cannot be written. */
  | 'ledger'
  /** No predictor has anything to offer. */
  | 'nothing-predicted'
  /** No predictor knows the knobs, or enough to say anything. */
  | 'no-model'
  /** A predictor needs a probe that is not allowed now. */
  | 'needs-probe'
  /** The start gates a prediction did not pass. */
  | 'high-risk'
  /** More threads than fit below the limit of memory. */
  | 'no-room'
  | 'predicted-loss'
  | 'small-gain'
  | 'unlikely-gain'
  | 'too-long'
  | 'unjudgeable';
