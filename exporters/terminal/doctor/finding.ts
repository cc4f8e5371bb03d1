/** One line of `sandtune doctor`: what was found, and what it means to somebody who tunes here. */
export interface Finding {
  readonly id: string;
  /** `poor`: works, worse than it could. `broken`: sandtune cannot be used like this. */
  readonly state: 'good' | 'poor' | 'broken';
  /** 'usable CPUs' */
  readonly title: string;
  /** '2 (os.availableParallelism())' */
  readonly found: string;
  readonly means: string;
  /** The numbers behind it, for --json. */
  readonly data: Readonly<Record<string, unknown>>;
}
