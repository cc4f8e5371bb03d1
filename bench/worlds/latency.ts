/**
 * Latencies as a mean and a shape. All shapes share the strata below, chosen so that p50, p90, p95,
 * p99 and p99.9 each lie in the middle of one and are therefore exact.
 */
import type { Distribution } from '../../src/contracts.ts';
import { msToNs } from '../../src/foundation/units.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { bucketBoundNs } from '../../src/measure/layout.ts';

/** A stratum's latency as a multiple of the mean, ascending. length = strata.length */
export type Shape = readonly number[];

/** Share of the calls up to the stratum's end, the quantile it stands for, and the normal deviate there. */
const strata = [
  [0.1, 0.05, -1.645],
  [0.2, 0.15, -1.036],
  [0.3, 0.25, -0.674],
  [0.45, 0.375, -0.319],
  [0.55, 0.5, 0],
  [0.7, 0.625, 0.319],
  [0.8, 0.75, 0.674],
  [0.875, 0.8375, 0.984],
  [0.925, 0.9, 1.282],
  [0.94, 0.9325, 1.495],
  [0.96, 0.95, 1.645],
  [0.97, 0.965, 1.812],
  [0.98, 0.975, 1.96],
  [0.9865, 0.98325, 2.127],
  [0.9935, 0.99, 2.326],
  [0.995, 0.99425, 2.527],
  [0.9985, 0.99675, 2.721],
  [1, 0.99925, 3.175],
] as const;
const p99Index = 14;

/** @param quantile of latency at a probability; its unit does not matter */
export function shapeOf(quantile: (probability: number, deviate: number) => number): Shape {
  const values = strata.map(([, probability, deviate]) => quantile(probability, deviate));
  const mean = values.reduce((sum, value, i) => sum + value * (upTo(i) - upTo(i - 1)), 0);
  return values.map((value) => value / mean);
}

export const lognormal: Shape = shapeOf((_, deviate) => Math.exp(0.4 * deviate));
export const exponential: Shape = shapeOf((probability) => -Math.log(1 - probability));

/** Stretches what lies above the median, so that p99 is `factor` times what it was. */
export function withTail(shape: Shape, factor: number): Shape {
  return shape.map((multiple, i) => {
    const deviate = strata[i]?.[2] ?? 0;
    return deviate > 0 ? multiple * Math.max(0.1, 1 + (factor - 1) * (deviate / 2.326)) : multiple;
  });
}

/** @param delayMs that all calls have waited before what `usual` says begins */
export function delayed(
  usual: Pick<Latencies, 'meanMs' | 'shape'>,
  delayMs: number,
): Pick<Latencies, 'meanMs' | 'shape'> {
  const meanMs = usual.meanMs + delayMs;
  return { meanMs, shape: usual.shape.map((multiple) => (multiple * usual.meanMs + delayMs) / meanMs) };
}

export function p99MsOf(shape: Shape, meanMs: number): number {
  return meanMs * (shape[p99Index] ?? 1);
}

export interface Latencies {
  readonly meanMs: number;
  readonly shape: Shape;
  /** Share of the calls that waited out a pause, and how long it was. */
  readonly pausedShare?: number;
  readonly pausedMs?: number;
}

/** @param offset 0 ≤ offset < 1: where rounding begins, so that few calls too have their share of the tail in the long run */
export function latencies(
  count: number,
  { meanMs, shape, pausedShare = 0, pausedMs = 0 }: Latencies,
  offset = 0.5,
): Distribution {
  if (count === 0) return emptyDistribution;
  const byBound = new Map<number, number>();
  let [sumMs, minMs, maxMs] = [0, Infinity, 0];
  const add = (ms: number, calls: number) => {
    if (calls === 0) return;
    const bound = bucketBoundNs(msToNs(ms));
    byBound.set(bound, (byBound.get(bound) ?? 0) + calls);
    sumMs += ms * calls;
    minMs = Math.min(minMs, ms);
    maxMs = Math.max(maxMs, ms);
  };
  const paused = Math.floor(count * pausedShare + offset);
  const others = count - paused;
  const cut = (calls: number, share: number) => Math.floor(calls * share + offset);
  shape.forEach((multiple, i) => add(meanMs * multiple, cut(others, upTo(i)) - cut(others, upTo(i - 1))));
  // Calls come evenly over a pause: their waits are even from nothing to all of it.
  for (let part = 0; part < 4; part++)
    add(meanMs + (pausedMs * (part + 0.5)) / 4, cut(paused, (part + 1) / 4) - cut(paused, part / 4));
  const buckets = [...byBound].sort(([a], [b]) => a - b);
  const [boundsNs, counts] = [buckets.map(([bound]) => bound), buckets.map(([, calls]) => calls)];
  return { count, sumMs, minMs, maxMs, boundsNs, counts };
}

function upTo(index: number): number {
  return strata[index]?.[0] ?? 0;
}
