/** Process warnings, for what somebody must learn who does not read the ledger. */

export type WarningCode =
  /** A listener of `watch()` threw. */
  | 'SANDTUNE_LISTENER'
  /** A knob did not do what it was asked for. */
  | 'SANDTUNE_KNOB'
  /** Two executors of one name are tuned from one folder. */
  | 'SANDTUNE_NAME'
  /** The variable SANDTUNE_MODE says what is no mode. */
  | 'SANDTUNE_MODE'
  /** An executor gave a window that cannot be what happened, or none. */
  | 'SANDTUNE_WINDOW'
  /** A tuner ended early. */
  | 'SANDTUNE_ENDED'
  /** The ledger cannot be used, or not as it was. */
  | 'SANDTUNE_LEDGER';

export function warn(code: WarningCode, text: string): void {
  process.emitWarning(text, { type: 'SandtuneWarning', code });
}
