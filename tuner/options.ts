/**
 * Options of `tune()`: what the user may say, its defaults, and the checks at the boundary.
 */
import type { Goal, Settings } from '../src/contracts.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkText,
  expected,
} from '../src/foundation/options.ts';
import { freshSeed } from '../src/foundation/random.ts';
import { type GoalWords, parseGoal } from './goal.ts';

/** off: nothing. observe: measure. advise: recommend. confirm: try, then ask. auto: try and keep. */
export const modes = ['off', 'observe', 'advise', 'confirm', 'auto'] as const;
export type Mode = (typeof modes)[number];

export interface TuneOptions extends GoalWords {
  /** How far the tuner may go. `SANDTUNE_MODE=off` overrides. @defaultValue 'observe' */
  readonly mode?: Mode;
  /** A trial is reverted once a loss beyond this fraction is proven; −1 to 0. @defaultValue -0.02 */
  readonly revertAt?: number;
  /** Chance of a false commit per trial, 0.0001 to 0.1. @defaultValue 0.01 */
  readonly alpha?: number;
  /** Length of a window in ms, at least 50. @defaultValue 500 */
  readonly windowMs?: number;
  /** Calls a window must hold before it counts. @defaultValue 50 */
  readonly minCompletions?: number;
  /** Windows looked at before anything is predicted, at least 6. @defaultValue 20 */
  readonly baselineWindows?: number;
  /** Pairs of the A/A trial that shows the noise; 0 leaves it out. @defaultValue 8 */
  readonly noisePairs?: number;
  /** Pairs of windows with and without measuring, to know what measuring costs; 0 leaves it out. @defaultValue 8 */
  readonly overheadPairs?: number;
  /** Pairs after which a trial is futile. @defaultValue 60 */
  readonly maxPairs?: number;
  /** Time after which a trial ends, whatever it saw, in ms. @defaultValue 600_000 */
  readonly maxDurationMs?: number;
  /** Smallest predicted gain worth a trial, fraction. @defaultValue 0.05 */
  readonly minGain?: number;
  /** Smallest calibrated probability of a gain worth a trial. @defaultValue 0.8 */
  readonly minProbability?: number;
  /** Share of pairs that stay on the anchor after a commit, 0 to 0.5; 0 makes a commit the anchor at once. @defaultValue 0.1 */
  readonly holdBackFraction?: number;
  /** Rest after nothing was found worth trying, in ms; doubles with each failure. @defaultValue 60_000 */
  readonly restMs?: number;
  /** False commits allowed a day; spreads alpha over trials. @defaultValue 0.1 */
  readonly falseCommitsPerDay?: number;
  /** Knobs the tuner must not move, at these values. @defaultValue {} */
  readonly fixed?: Settings;
  /** Keep a committed setting over a restart, until the configured default changes. @defaultValue false */
  readonly persist?: boolean;
  /** Folder of the ledger; ':memory:' keeps nothing. @defaultValue $SANDTUNE_DIR or '.sandtune' */
  readonly stateDir?: string;
  /** Names every coin. @defaultValue a fresh one, written in the ledger */
  readonly seed?: number;
}

/** Plain data: goes into the ledger as it is. */
export type ResolvedTuneOptions = Readonly<Required<Omit<TuneOptions, keyof GoalWords | 'seed'>> & { seed: number }>;

export const tuneDefaults = Object.freeze({
  mode: 'observe',
  revertAt: -0.02,
  alpha: 0.01,
  windowMs: 500,
  minCompletions: 50,
  baselineWindows: 20,
  noisePairs: 8,
  overheadPairs: 8,
  maxPairs: 60,
  maxDurationMs: 600_000,
  minGain: 0.05,
  minProbability: 0.8,
  holdBackFraction: 0.1,
  restMs: 60_000,
  falseCommitsPerDay: 0.1,
  fixed: Object.freeze({}) as Settings,
  persist: false,
} as const);

/** Modes that may change a setting. */
export function mayChange(mode: Mode): boolean {
  return mode === 'confirm' || mode === 'auto';
}

const goalKeys = ['maximize', 'minimize', 'sloMs', 'subjectTo'] as const satisfies readonly (keyof GoalWords)[];

/**
 * @param environment the process's variables: SANDTUNE_DIR, SANDTUNE_MODE
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL
 */
export function resolveTuneOptions(
  options: TuneOptions,
  environment: Readonly<Record<string, string | undefined>> = {},
): { readonly options: ResolvedTuneOptions; readonly goal: Goal } {
  checkKeys('tune()', options, [...Object.keys(tuneDefaults), ...goalKeys, 'stateDir', 'seed']);
  const given = { ...tuneDefaults, ...definedOnly(options) };
  const mode = environment['SANDTUNE_MODE'] === 'off' ? 'off' : checkOneOf('mode', given.mode, modes);
  if (typeof given.fixed !== 'object' || given.fixed === null)
    throw expected('fixed', 'an object of knob values', given.fixed);
  const resolved: ResolvedTuneOptions = {
    mode,
    revertAt: checkNumber('revertAt', given.revertAt, { min: -1, max: 0 }),
    alpha: checkNumber('alpha', given.alpha, { min: 1e-4, max: 0.1 }),
    windowMs: checkNumber('windowMs', given.windowMs, { min: 50 }),
    minCompletions: checkInteger('minCompletions', given.minCompletions, { min: 1 }),
    baselineWindows: checkInteger('baselineWindows', given.baselineWindows, { min: 6 }),
    noisePairs: checkInteger('noisePairs', given.noisePairs, { min: 0 }),
    overheadPairs: checkInteger('overheadPairs', given.overheadPairs, { min: 0 }),
    maxPairs: checkInteger('maxPairs', given.maxPairs, { min: 7 }),
    maxDurationMs: checkNumber('maxDurationMs', given.maxDurationMs, { min: 1000 }),
    minGain: checkNumber('minGain', given.minGain, { min: 0 }),
    minProbability: checkNumber('minProbability', given.minProbability, { min: 0, max: 1 }),
    holdBackFraction: checkNumber('holdBackFraction', given.holdBackFraction, { min: 0, max: 0.5 }),
    restMs: checkNumber('restMs', given.restMs, { min: 0 }),
    falseCommitsPerDay: checkNumber('falseCommitsPerDay', given.falseCommitsPerDay, { min: 0 }),
    fixed: { ...given.fixed },
    persist: checkBoolean('persist', given.persist),
    stateDir: checkText('stateDir', options.stateDir ?? environment['SANDTUNE_DIR'] ?? '.sandtune'),
    seed: options.seed === undefined ? freshSeed() : checkInteger('seed', options.seed),
  };
  if (resolved.revertAt === 0 && resolved.mode === 'auto') {
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      'revertAt: expected below 0 in mode auto (no loss at all can be proven), got 0',
    );
  }
  return { options: resolved, goal: parseGoal(options) };
}

function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
