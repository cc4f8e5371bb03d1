/** How a setting is made to last: part of the contract of a knob. */

/** An edit of a program's text, where that is known, or an option to set. */
export interface Patch {
  readonly file?: string;
  /**
   * The line of the file, from 1, where `before` begins (where that is empty: after which `after` is put), both
   * being whole lines, of which some may be the same: those around the edit. Left out: nobody knows where, and
   * `before` is what the user may find there.
   */
  readonly line?: number;
  /** The last of these lines is the last of the file, and has no line end. */
  readonly endsFile?: boolean;
  /** Empty where nothing is known to be written. */
  readonly before: string;
  readonly after: string;
  /** The options that `after` sets: by them and the place where the executor was made, the line is found. */
  readonly options?: readonly OptionSetting[];
}

/** An option of a call of ours, as it is to be written. */
export interface OptionSetting {
  /** Whose option it is, in words: 'createSandbox()'. */
  readonly of: string;
  /** Which argument of that call has it; 'constructed': that of a constructor in the first one. */
  readonly argument: 'first' | 'second' | 'constructed';
  /** Names from the argument down to the option. */
  readonly path: readonly string[];
  readonly value: number | string | boolean;
}
