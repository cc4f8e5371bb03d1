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
  checkObject,
  checkOneOf,
  checkPath,
  definedOnly,
  quoted,
} from '../src/foundation/options.ts';
import { freshSeed } from '../src/foundation/random.ts';
import { type ResolvedSurroundings, resolveSurroundings, type Surroundings } from '../src/foundation/surroundings.ts';
import { settingsGiven } from './entries/settings.ts';
import {
  type ExpertOptions,
  expertDefaults,
  expertKeys,
  type ResolvedExpertOptions,
  resolveExpertOptions,
} from './expert-options.ts';
import { type GoalWords, parseGoal } from './goal.ts';
import { lowerOf, type Mode, type ModeCeiling, modeCeiling, modes } from './mode.ts';
import { type TurnScope, turnScope } from './turns.ts';

export { type Mode, mayChange, modes } from './mode.ts';

/** What `tune()` takes: the goal, how far it may go, and where it keeps its ledger. */
export interface TuneOptions extends GoalWords {
  /** How far the tuner may go. It goes no further than the variable SANDTUNE_MODE says. @defaultValue 'observe' */
  readonly mode?: Mode;
  /** A trial is reverted once a loss beyond this fraction is proven; −1 to 0. @defaultValue -0.02 */
  readonly revertAt?: number;
  /** Knobs the tuner must not move, at these values. @defaultValue {} */
  readonly fixed?: Settings;
  /** Keep a committed setting over a restart, until the configured default changes. @defaultValue false */
  readonly persist?: boolean;
  /** Folder of the ledger; ':memory:' keeps nothing. @defaultValue $SANDTUNE_DIR or '.sandtune' */
  readonly stateDir?: string;
  /** Seed of every random choice. @defaultValue a fresh one, written in the ledger */
  readonly seed?: number;
  /** Time after which a trial ends, whatever it saw, in ms; at least 1000. @defaultValue 600_000 */
  readonly maxDurationMs?: number;
  /** Sizes of windows and trials, gates of a prediction. @defaultValue fit for live load */
  readonly expert?: ExpertOptions;
  /** For tests and simulators. @defaultValue the process's own */
  readonly surroundings?: Surroundings;
}

/** Plain data, without levels: goes into the ledger as it is. */
export type ResolvedTuneOptions = ResolvedExpertOptions &
  Readonly<Required<Omit<TuneOptions, keyof GoalWords | 'expert' | 'surroundings'>>>;

export const tuneDefaults = Object.freeze({
  mode: 'observe',
  revertAt: -0.02,
  fixed: Object.freeze({}) as Settings,
  persist: false,
  maxDurationMs: 600_000,
  expert: expertDefaults,
} as const);

const goalKeys = ['maximize', 'minimize', 'sloMs', 'subjectTo'] as const satisfies readonly (keyof GoalWords)[];

/**
 * The environment's SANDTUNE_DIR, SANDTUNE_MODE and SANDTUNE_TURNS are read here.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL
 */
export function resolveTuneOptions(options: TuneOptions): {
  readonly options: ResolvedTuneOptions;
  readonly goal: Goal;
  readonly surroundings: ResolvedSurroundings;
  readonly ceiling: ModeCeiling;
  /** With whom turns are taken. */
  readonly turns: TurnScope;
  /** The mode that was asked for: `options.mode` is this one or a lower one. */
  readonly asked: Mode;
} {
  checkObject('tune()', options);
  checkLevels(options);
  checkKeys('tune()', options, [...goalKeys, ...Object.keys(tuneDefaults), 'stateDir', 'seed', 'surroundings']);
  const surroundings = resolveSurroundings(options.surroundings);
  const { environment } = surroundings;
  const given = { ...tuneDefaults, ...definedOnly(options) };
  const asked = checkOneOf('mode', given.mode, modes);
  const ceiling = modeCeiling(environment);
  const resolved: ResolvedTuneOptions = {
    mode: lowerOf(asked, ceiling.mode),
    revertAt: checkNumber('revertAt', given.revertAt, { min: -1, max: 0 }),
    fixed: settingsGiven('fixed', given.fixed),
    persist: checkBoolean('persist', given.persist),
    stateDir: checkPath('stateDir', options.stateDir ?? environment['SANDTUNE_DIR'] ?? '.sandtune'),
    seed: options.seed === undefined ? freshSeed() : checkInteger('seed', options.seed),
    maxDurationMs: checkNumber('maxDurationMs', given.maxDurationMs, { min: 1000 }),
    ...resolveExpertOptions(given.expert),
  };
  if (resolved.revertAt === 0 && asked === 'auto') {
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      'revertAt: expected below 0 in mode auto (no loss at all can be proven), got 0',
    );
  }
  if (resolved.persist && options.stateDir === ':memory:')
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      "persist: expected a stateDir on disk beside it, which keeps what was committed, got ':memory:'",
    );
  const turns = turnScope(environment, options.surroundings?.clock !== undefined);
  return { options: resolved, goal: parseGoal(options), surroundings, ceiling, turns, asked };
}

/** Rejects an option of `expert` that stands beside the others, with an error that names its place. */
function checkLevels(options: TuneOptions): void {
  for (const key of expertKeys) {
    if (!Object.hasOwn(options, key)) continue;
    const value = quoted((options as ExpertOptions)[key]);
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      `tune(): expected '${key}' under expert, as { expert: { ${key}: ${value} } }, got it beside the other options`,
    );
  }
}
