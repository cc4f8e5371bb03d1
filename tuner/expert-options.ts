/**
 * What `tune()` takes under `expert`: the sizes of windows and trials and the gates of a prediction.
 * The defaults fit live load. The file README.md beside this one says what each does in a trial.
 */
import { checkBoolean, checkInteger, checkKeys, checkNumber, definedOnly } from '../src/foundation/options.ts';

/** Lengths and counts of windows and trials, for who knows why to change them. */
export interface ExpertOptions {
  /** Chance of a false commit per trial, 0.0001 to 0.1. @defaultValue 0.01 */
  readonly alpha?: number;
  /**
   * Length of a window in ms, at least 50. In a trial, where windows are as long as it needs, any other value than
   * the default is the least.
   * @defaultValue 500, and in a trial at least 200
   */
  readonly windowMs?: number;
  /** Calls a window must hold before it counts. @defaultValue 50 */
  readonly minCompletions?: number;
  /** Windows looked at before anything is predicted, at least 6. @defaultValue 10 */
  readonly baselineWindows?: number;
  /** Pairs of the A/A trial that shows the noise; 0 leaves it out. @defaultValue 8 */
  readonly noisePairs?: number;
  /** The A/A trial comes before anything is tried, and not in the first rest. @defaultValue false */
  readonly noiseFirst?: boolean;
  /** Pairs of windows with and without measuring, to know what measuring costs; 0 leaves it out. @defaultValue 8 */
  readonly overheadPairs?: number;
  /** Smallest predicted gain worth a trial, fraction. @defaultValue 0.05 */
  readonly minGain?: number;
  /** Smallest calibrated probability of a gain worth a trial. @defaultValue 0.8 */
  readonly minProbability?: number;
  /**
   * Share of windows that stay on the anchor after a commit, 0 to 0.5, or less after a large gain; 0 makes a commit the
   * anchor at once.
   * @defaultValue 0.25
   */
  readonly holdBackFraction?: number;
  /** Rest after nothing was found worth trying, in ms; doubles with each failure. @defaultValue 60_000 */
  readonly restMs?: number;
  /** False commits allowed a day; spreads alpha over trials. @defaultValue 0.05 */
  readonly falseCommitsPerDay?: number;
}

export type ResolvedExpertOptions = Readonly<Required<ExpertOptions>>;

export const expertDefaults = Object.freeze({
  alpha: 0.01,
  windowMs: 500,
  minCompletions: 50,
  baselineWindows: 10,
  noisePairs: 8,
  noiseFirst: false,
  overheadPairs: 8,
  minGain: 0.05,
  minProbability: 0.8,
  holdBackFraction: 0.25,
  restMs: 60_000,
  falseCommitsPerDay: 0.05,
} as const satisfies ResolvedExpertOptions);

export const expertKeys = Object.keys(expertDefaults) as readonly (keyof ExpertOptions)[];

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION naming `expert.<option>` */
export function resolveExpertOptions(options: ExpertOptions): ResolvedExpertOptions {
  checkKeys('expert', options, expertKeys);
  const given = { ...expertDefaults, ...definedOnly(options) };
  return {
    alpha: checkNumber('expert.alpha', given.alpha, { min: 1e-4, max: 0.1 }),
    windowMs: checkNumber('expert.windowMs', given.windowMs, { min: 50 }),
    minCompletions: checkInteger('expert.minCompletions', given.minCompletions, { min: 1 }),
    baselineWindows: checkInteger('expert.baselineWindows', given.baselineWindows, { min: 6 }),
    noisePairs: checkInteger('expert.noisePairs', given.noisePairs, { min: 0 }),
    noiseFirst: checkBoolean('expert.noiseFirst', given.noiseFirst),
    overheadPairs: checkInteger('expert.overheadPairs', given.overheadPairs, { min: 0 }),
    minGain: checkNumber('expert.minGain', given.minGain, { min: 0 }),
    minProbability: checkNumber('expert.minProbability', given.minProbability, { min: 0, max: 1 }),
    holdBackFraction: checkNumber('expert.holdBackFraction', given.holdBackFraction, { min: 0, max: 0.5 }),
    restMs: checkNumber('expert.restMs', given.restMs, { min: 0 }),
    falseCommitsPerDay: checkNumber('expert.falseCommitsPerDay', given.falseCommitsPerDay, { min: 0 }),
  };
}
