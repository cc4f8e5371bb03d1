/** Why a setting got no trial, or why none got one: the codes of the record `not-tried`. */

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
  /** A predictor needs a probe that is not allowed now. */
  | 'needs-probe'
  /** The start gates a prediction did not pass. */
  | 'high-risk'
  | 'predicted-loss'
  | 'small-gain'
  | 'unlikely-gain'
  | 'too-many-pairs'
  | 'too-long'
  | 'unjudgeable';
