/**
 * A delta is what happened between two rotations of the recorder, frozen. A window consists of the deltas
 * of its time. Joining deltas is associative, so an open window keeps one joined delta however long it
 * stays open.
 */
import type { CacheUse, FunctionCounts, Settings, Window } from '../contracts.ts';
import { mergeCacheUse } from './cache-counts.ts';
import { emptyDistribution, mergeDistributions } from './distribution.ts';
import { type FieldValues, joinFields, shownIn } from './fields.ts';
import { addCounts, noOutcomes } from './outcome-counts.ts';
import { distributionsOf } from './series.ts';
import { stageNames } from './stages.ts';

export interface Delta {
  readonly epoch: number;
  readonly settings: Settings;
  /** False when deltas of different epochs were joined. */
  readonly steady: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly fields: FieldValues;
  readonly functions: ReadonlyMap<string, FunctionCounts>;
  /** Sums over sampled calls, in the order of `stageNames`. */
  readonly stageMs: readonly number[];
  readonly stageSamples: number;
  readonly cache: CacheUse | undefined;
}

/**
 * Both deltas as one; `later` began when `earlier` ended. Counters add up. Times (distributions,
 * stages) describe one setting only: across a change of epoch those of `earlier` are dropped.
 */
export function joinDeltas(earlier: Delta, later: Delta): Delta {
  const oneEpoch = earlier.epoch === later.epoch;
  return {
    epoch: later.epoch,
    settings: later.settings,
    steady: oneEpoch && earlier.steady && later.steady,
    startMs: earlier.startMs,
    endMs: later.endMs,
    fields: joinFields(earlier.fields, later.fields),
    functions: joinFunctions(earlier.functions, later.functions, oneEpoch),
    stageMs: later.stageMs.map((ms, stage) => ms + (oneEpoch ? (earlier.stageMs[stage] as number) : 0)),
    stageSamples: later.stageSamples + (oneEpoch ? earlier.stageSamples : 0),
    cache: mergeCacheUse(earlier.cache, later.cache),
  };
}

/** The window a joined delta is, with the calls in flight at its two ends. */
export function toWindow(
  delta: Delta,
  inFlight: Pick<Window, 'backlogAtStart' | 'backlogAtEnd' | 'carried' | 'unfinished'>,
): Window {
  const { epoch, steady, settings, startMs, endMs, fields, stageMs, stageSamples, cache } = delta;
  const functions = [...delta.functions.values()];
  return {
    epoch,
    steady,
    settings,
    startMs,
    endMs,
    ...shownIn('window', fields),
    outcomes: functions.reduce((sum, one) => addCounts(sum, one.outcomes), noOutcomes),
    ...inFlight,
    ...distributionsOf((name) => mergeDistributions(functions.map((one) => one[name]))),
    // fromEntries makes own properties, also of a function called __proto__.
    byFunction: Object.fromEntries(delta.functions),
    stages:
      stageSamples === 0
        ? {}
        : Object.fromEntries(stageNames.map((name, stage) => [name, (stageMs[stage] as number) / stageSamples])),
    stageSamples,
    work: {
      ...shownIn('work', fields),
      busyFraction: fields.workerMs > 0 ? Math.min(1, fields.busyMs / fields.workerMs) : 0,
    },
    ...(cache && { cache }),
  };
}

function joinFunctions(
  earlier: ReadonlyMap<string, FunctionCounts>,
  later: ReadonlyMap<string, FunctionCounts>,
  oneEpoch: boolean,
): ReadonlyMap<string, FunctionCounts> {
  const joined = new Map(later);
  for (const [name, before] of earlier) {
    const after = later.get(name);
    joined.set(name, {
      outcomes: after ? addCounts(before.outcomes, after.outcomes) : before.outcomes,
      ...distributionsOf((kind) => {
        const now = after?.[kind] ?? emptyDistribution;
        return oneEpoch ? mergeDistributions([before[kind], now]) : now;
      }),
    });
  }
  return joined;
}
