/** Process warnings, for what somebody must learn who does not read the ledger. */

export type WarningCode =
  /** A listener of `watch()` threw. */
  | 'SANDTUNE_LISTENER'
  /** What a knob was asked for, and is not needed to go on, failed. */
  | 'SANDTUNE_KNOB'
  /** Two executors of one name are tuned from one folder. */
  | 'SANDTUNE_NAME'
  /** The variable SANDTUNE_MODE says what is no mode. */
  | 'SANDTUNE_MODE'
  /** A tuner ended early. */
  | 'SANDTUNE_ENDED'
  /** The ledger cannot be used, or not as it was. */
  | 'SANDTUNE_LEDGER';

export function warn(code: WarningCode, text: string): void {
  process.emitWarning(text, { type: 'SandtuneWarning', code });
}
