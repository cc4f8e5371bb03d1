/**
 * A piece is what happened between two rotations of the recorder, frozen: the unit windows are put
 * together from. Joining is associative, so a window holds one joined piece however long it stays
 * open.
 */
import type { CacheUse, Distribution, FunctionCounts, Settings, Window } from '../contracts.ts';
import { mergeCacheUse } from './cache-counts.ts';
import { emptyDistribution, mergeDistributions } from './distribution.ts';
import { addCounts, noOutcomes } from './outcome-counts.ts';
import { stageNames } from './stages.ts';

export interface Piece {
  readonly epoch: number;
  readonly settings: Settings;
  /** False when pieces of different epochs were joined. */
  readonly steady: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly offered: number;
  readonly functions: ReadonlyMap<string, FunctionCounts>;
  /** Sums over sampled calls, in the order of `stageNames`. */
  readonly stageMs: readonly number[];
  readonly stageSamples: number;
  readonly batches: number;
  readonly batchedCalls: number;
  readonly batchMs: number;
  readonly executeMs: number;
  readonly busyMs: number;
  /** Integral of the number of workers over the piece. */
  readonly workerMs: number;
  readonly workerStarts: number;
  readonly cache: CacheUse | undefined;
  readonly cpuMs: number;
  readonly workerCpuMs: number;
  /** NaN where it is not known. */
  readonly idleCpuMs: number;
  readonly peakBytes: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/**
 * Both pieces as one; `later` began when `earlier` ended. Counters add up. Times (distributions,
 * stages) describe one setting only: across a change of epoch those of `earlier` are dropped.
 */
export function joinPieces(earlier: Piece, later: Piece): Piece {
  const oneEpoch = earlier.epoch === later.epoch;
  const both = (a: Distribution, b: Distribution) => (oneEpoch ? mergeDistributions([a, b]) : b);
  return {
    epoch: later.epoch,
    settings: later.settings,
    steady: oneEpoch && earlier.steady && later.steady,
    startMs: earlier.startMs,
    endMs: later.endMs,
    offered: earlier.offered + later.offered,
    functions: joinFunctions(earlier.functions, later.functions, both),
    stageMs: later.stageMs.map((ms, stage) => ms + (oneEpoch ? (earlier.stageMs[stage] as number) : 0)),
    stageSamples: later.stageSamples + (oneEpoch ? earlier.stageSamples : 0),
    batches: earlier.batches + later.batches,
    batchedCalls: earlier.batchedCalls + later.batchedCalls,
    batchMs: earlier.batchMs + later.batchMs,
    executeMs: earlier.executeMs + later.executeMs,
    busyMs: earlier.busyMs + later.busyMs,
    workerMs: earlier.workerMs + later.workerMs,
    workerStarts: earlier.workerStarts + later.workerStarts,
    cache: mergeCacheUse(earlier.cache, later.cache),
    cpuMs: earlier.cpuMs + later.cpuMs,
    workerCpuMs: earlier.workerCpuMs + later.workerCpuMs,
    idleCpuMs: earlier.idleCpuMs + later.idleCpuMs,
    peakBytes: Math.max(earlier.peakBytes, later.peakBytes),
    bytesIn: earlier.bytesIn + later.bytesIn,
    bytesOut: earlier.bytesOut + later.bytesOut,
  };
}

/** The window a joined piece is, with the calls in flight at its two ends. */
export function toWindow(
  piece: Piece,
  {
    backlogAtStart,
    backlogAtEnd,
    carried,
    unfinished,
  }: Pick<Window, 'backlogAtStart' | 'backlogAtEnd' | 'carried' | 'unfinished'>,
): Window {
  const functions = [...piece.functions.values()];
  return {
    epoch: piece.epoch,
    steady: piece.steady,
    settings: piece.settings,
    startMs: piece.startMs,
    endMs: piece.endMs,
    offered: piece.offered,
    outcomes: functions.reduce((sum, one) => addCounts(sum, one.outcomes), noOutcomes),
    backlogAtStart,
    backlogAtEnd,
    wait: mergeDistributions(functions.map((one) => one.wait)),
    service: mergeDistributions(functions.map((one) => one.service)),
    latency: mergeDistributions(functions.map((one) => one.latency)),
    carried,
    unfinished,
    start: mergeDistributions(functions.map((one) => one.start)),
    // fromEntries makes own properties, also of a function called __proto__.
    byFunction: Object.fromEntries(piece.functions),
    stages:
      piece.stageSamples === 0
        ? {}
        : Object.fromEntries(
            stageNames.map((name, stage) => [name, (piece.stageMs[stage] as number) / piece.stageSamples]),
          ),
    stageSamples: piece.stageSamples,
    work: {
      batches: piece.batches,
      batchedCalls: piece.batchedCalls,
      batchMs: piece.batchMs,
      executeMs: piece.executeMs,
      busyFraction: piece.workerMs > 0 ? Math.min(1, piece.busyMs / piece.workerMs) : 0,
      workerStarts: piece.workerStarts,
    },
    ...(piece.cache && { cache: piece.cache }),
    cpuMs: piece.cpuMs,
    workerCpuMs: piece.workerCpuMs,
    ...(Number.isFinite(piece.idleCpuMs) && { idleCpuMs: piece.idleCpuMs }),
    peakBytes: piece.peakBytes,
    bytesIn: piece.bytesIn,
    bytesOut: piece.bytesOut,
  };
}

function joinFunctions(
  earlier: ReadonlyMap<string, FunctionCounts>,
  later: ReadonlyMap<string, FunctionCounts>,
  both: (a: Distribution, b: Distribution) => Distribution,
): ReadonlyMap<string, FunctionCounts> {
  const joined = new Map(later);
  for (const [name, before] of earlier) {
    const after = later.get(name);
    joined.set(name, {
      outcomes: after ? addCounts(before.outcomes, after.outcomes) : before.outcomes,
      latency: both(before.latency, after?.latency ?? emptyDistribution),
      wait: both(before.wait, after?.wait ?? emptyDistribution),
      service: both(before.service, after?.service ?? emptyDistribution),
      start: both(before.start, after?.start ?? emptyDistribution),
    });
  }
  return joined;
}
