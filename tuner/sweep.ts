/**
 * A sweep measures points side by side: every round visits every point once, in an order that the seed
 * shuffles, so that drift falls on all of them alike. The best point of one round is often best by luck,
 * so it should be measured again, interleaved with what it is compared to (`rounds` > 1).
 */
import type { Executor, Interval, Objective, Settings, Window } from '../src/contracts.ts';
import { checkSignal } from '../src/foundation/foreign-values.ts';
import { longestLimitMs } from '../src/foundation/limit-options.ts';
import { checkInteger, checkKeys, checkNumber, expected, reading } from '../src/foundation/options.ts';
import { type RandomSource, randomStream } from '../src/foundation/random.ts';
import { valueIn } from '../src/foundation/settings.ts';
import { resolveSurroundings, type Surroundings } from '../src/foundation/surroundings.ts';
import { quantileMs } from '../src/measure/distribution.ts';
import { checkExecutor } from './check-executor.ts';
import { claim } from './claims.ts';
import type { SweepPoint } from './entries/entries.ts';
import { completeSettings, sameSettings, settingsGiven } from './entries/settings.ts';
import { objectiveShape } from './entries/settings-shape.ts';
import { withSameKnobs } from './same-knobs.ts';
import { applySettings, effectiveSettings } from './shell/apply.ts';
import { callLimits, type Patience } from './shell/foreign-calls.ts';
import { type MeasuredWindow, measureWindow } from './shell/measure-window.ts';
import { returnTo } from './shell/return-to.ts';
import { keepWarm } from './shell/warmth.ts';
import { interval } from './trial/e-value.ts';
import { logRatioOf, objectiveOf } from './trial/metric.ts';
import { endsAround, mean, sampleDeviation } from './trial/statistics.ts';
import { checkOffered } from './withheld.ts';

/** Which settings a sweep visits, how often and for how long. */
export interface SweepOptions {
  /** What is measured at each. */
  readonly objective: Objective;
  /** Settings to visit, each laid over what is in force. */
  readonly points: readonly Settings[];
  /** Times that each is visited, in an order of its own each time. Integer ≥ 1. @defaultValue 1 */
  readonly rounds?: number;
  /** Length of a visit, ms. @defaultValue 400 */
  readonly windowMs?: number;
  /** Calls a window must hold. @defaultValue 50 */
  readonly minCompletions?: number;
  /** σ of log(window / next window) at rest: whiskers of a point seen once. @defaultValue 0.05 */
  readonly sigmaD?: number;
  /** Of the orders. @defaultValue 1 */
  readonly seed?: number;
  /** Ends the sweep at the setting it began at. @defaultValue none */
  readonly signal?: AbortSignal;
  /** For tests and simulators. @defaultValue the process's own */
  readonly surroundings?: Surroundings;
}

export interface Sweep {
  /** In the order of `points`. */
  readonly points: readonly SweepPoint[];
  /**
   * log(point / first point), one per round: what `gainOver` is computed from. + is better; always
   * finite: a rate of 0 counts as half a call, and two of them as equal.
   */
  readonly logRatios: readonly (readonly number[])[];
  readonly windows: readonly Window[];
}

/** Level of the interval of each point. */
const level = 0.95;
const z95 = 1.96;

/**
 * Measures all points and returns to the setting that was in force, also when it fails.
 * @throws {SandtuneError} ERR_SANDTUNE_TARGET for what is no executor, ERR_SANDTUNE_OPTION; ERR_SANDTUNE_KNOB for a point outside a knob's domain, before anything moves;
 *   ERR_SANDTUNE_TUNED while a tuner, or another sweep, has the executor, or the pool or a knob of it
 */
export async function sweep(executor: Executor, options: SweepOptions): Promise<Sweep> {
  checkExecutor(executor, 'sweep()');
  reading('sweep()', 'options', options, () => checkOptions(options));
  const { release } = claim(executor, {
    caller: 'sweep()',
    what: 'a sweep',
    until: 'its end',
    stateDir: ':memory:',
  });
  try {
    return await measureAll(withSameKnobs(executor), options);
  } finally {
    release();
  }
}

const optionKeys = [
  'objective',
  'points',
  'rounds',
  'windowMs',
  'minCompletions',
  'sigmaD',
  'seed',
  'signal',
  'surroundings',
];

function checkOptions(options: SweepOptions): void {
  checkKeys('sweep()', options, optionKeys);
  const { objective, points, signal } = options;
  if (!objectiveShape(objective)) throw expected('objective', 'what parseGoal({ … }).objective gives', objective);
  if (!Array.isArray(points) || points.length === 0) throw expected('points', 'a list of settings', points);
  if (signal !== undefined) checkSignal('signal', signal);
  checkInteger('minCompletions', options.minCompletions ?? 50, { min: 0 });
  checkNumber('sigmaD', options.sigmaD ?? 0.05, { min: 0 });
  checkInteger('seed', options.seed ?? 1);
}

async function measureAll(executor: Executor, options: SweepOptions): Promise<Sweep> {
  const rounds = checkInteger('rounds', options.rounds ?? 1, { min: 1 });
  const windowMs = checkNumber('windowMs', options.windowMs ?? 400, { min: 10, max: longestLimitMs });
  const { clock, timers } = resolveSurroundings(options.surroundings);
  const before = effectiveSettings(executor.knobs);
  const points = options.points.map((point, at) => {
    const given = settingsGiven(`points[${at}]`, point);
    checkOffered(executor, given);
    return completeSettings(executor.knobs, before, given);
  });
  const random = randomStream(options.seed ?? 1, 'sweep');
  const seen: Window[][] = points.map(() => []);
  const patience: Patience = { timers, limitMs: callLimits.answerMs };
  const signal = options.signal ?? new AbortController().signal;
  const warm = await warmAll(executor, before, points, { ...patience, signal });
  try {
    let last: Window | null = null;
    for (let round = 0; round < rounds; round++) {
      for (const index of shuffled(points.length, random)) {
        await applySettings(executor.knobs, points[index] ?? before, false, { ...patience, signal });
        const drain: number = last && last.latency.count > 0 ? quantileMs(last.latency, 0.99) : 0;
        const measured: MeasuredWindow | null = await measureWindow(
          executor,
          {
            discardMs: Math.min(windowMs, Math.max(0.15 * windowMs, drain)),
            forMs: windowMs,
            minCompletions: options.minCompletions ?? 50,
            maxMs: 5 * windowMs,
          },
          timers,
          clock,
          signal,
        );
        if (measured === null) throw signal.reason;
        seen[index]?.push(measured.window);
        last = measured.window;
      }
    }
  } finally {
    try {
      await returnTo(executor, before, patience);
    } finally {
      await warm[Symbol.asyncDispose]();
    }
  }
  return summed(points, seen, options);
}

/**
 * How much better the point at `index` is than the first one: an interval over the rounds.
 * @param alpha 1 − the confidence of the interval, above 0 and below 1
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no sweep, or has no such point
 */
export function gainOver(result: Sweep, index: number, alpha = 0.05): Interval {
  const wanted = 'what sweep() gave';
  const isSweep = () => Array.isArray(result?.points) && Array.isArray(result.logRatios);
  if (!reading('gainOver()', wanted, result, isSweep)) throw expected('gainOver()', wanted, result);
  checkInteger('gainOver(): index', index, { min: 0, max: Math.max(0, result.points.length - 1) });
  if (!(checkNumber('gainOver(): alpha', alpha) > 0 && alpha < 1))
    throw expected('gainOver(): alpha', 'a number above 0 and below 1', alpha);
  return reading('gainOver()', wanted, result, () => gainAt(result, index, alpha));
}

function gainAt(result: Sweep, index: number, alpha: number): Interval {
  const d = result.logRatios.map((round) => round[index] ?? Number.NaN).filter(Number.isFinite);
  const sd = sampleDeviation(d);
  return interval(d, Math.max(sd, 0.002), alpha);
}

function summed(
  points: readonly Settings[],
  seen: readonly (readonly Window[])[],
  { objective, sigmaD = 0.05 }: SweepOptions,
): Sweep {
  const values = seen.map((windows) => windows.map((window) => objectiveOf(objective, window) ?? 0));
  const rounds = values[0]?.length ?? 0;
  const logRatios = Array.from({ length: rounds }, (_, round) =>
    seen.map((point) => {
      const [first, here] = [seen[0]?.[round], point[round]];
      return first && here ? (logRatioOf(objective, first, here) ?? 0) : 0;
    }),
  );
  return {
    points: points.map((settings, index) => ({
      settings,
      metric: whiskers(values[index] ?? [], sigmaD),
      windows: seen[index]?.length ?? 0,
    })),
    logRatios,
    windows: seen.flat(),
  };
}

function whiskers(values: readonly number[], sigmaD: number): Interval {
  const n = values.length;
  const center = mean(values);
  // Below five windows the spread is better known from the noise than from the windows themselves.
  const sd = n < 5 ? (center * sigmaD) / Math.SQRT2 : sampleDeviation(values);
  const [low, high] = endsAround(values, (z95 * sd) / Math.sqrt(n));
  return { estimate: center, low, high, level };
}

/** Keeps the widest span of all points warm: each knob between its smallest and its largest value. */
async function warmAll(
  executor: Executor,
  before: Settings,
  points: readonly Settings[],
  patience: Patience,
): Promise<AsyncDisposable> {
  const all = [before, ...points];
  const extreme = (pick: (...values: number[]) => number): Settings =>
    Object.fromEntries(
      Object.entries(before).map(([id, value]) => [
        id,
        typeof value === 'number' ? pick(...all.map((one) => Number(valueIn(one, id)))) : value,
      ]),
    );
  const [low, high] = [extreme(Math.min), extreme(Math.max)];
  if (sameSettings(low, high)) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  return keepWarm(executor.knobs, low, high, patience);
}

function shuffled(count: number, random: RandomSource): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    [order[last], order[pick]] = [order[pick] as number, order[last] as number];
  }
  return order;
}
