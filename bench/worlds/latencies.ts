/** A latency distribution of a given mean and tail, as few buckets as tests of quantiles need. */
import type { Distribution } from '../../src/contracts.ts';
import { msToNs } from '../../src/foundation/units.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';

export interface LatencyShape {
  /** Mean of the calls no pause touched. */
  readonly meanMs: number;
  /** Stretches what is above the median. */
  readonly tailFactor: number;
  /** Share of the calls that waited out a pause, and for how long at most. */
  readonly pausedShare: number;
  readonly pausedMs: number;
}

/** Standard normal quantiles of the middles of strata, and the strata's shares. */
const strata = [
  [-1.645, 0.1],
  [-1.036, 0.1],
  [-0.674, 0.1],
  [-0.385, 0.1],
  [-0.126, 0.1],
  [0.126, 0.1],
  [0.385, 0.1],
  [0.674, 0.1],
  [1.036, 0.1],
  [1.44, 0.05],
  [1.75, 0.03],
  [2.1, 0.01],
  [2.33, 0.004],
  [2.6, 0.003],
  [3, 0.003],
] as const;
const spread = 0.4;
/** Buckets grow by 1 %, like those of two significant digits. */
const logStep = Math.log(1.01);

export function latencies(count: number, { meanMs, tailFactor, pausedShare, pausedMs }: LatencyShape): Distribution {
  if (count === 0) return emptyDistribution;
  const byBucket = new Map<number, number>();
  let sumMs = 0;
  let minMs = Infinity;
  let maxMs = 0;
  const add = (ms: number, calls: number) => {
    if (calls === 0) return;
    const bucket = Math.ceil(Math.log(ms) / logStep);
    byBucket.set(bucket, (byBucket.get(bucket) ?? 0) + calls);
    sumMs += ms * calls;
    minMs = Math.min(minMs, ms);
    maxMs = Math.max(maxMs, ms);
  };
  const paused = Math.round(count * pausedShare);
  const others = count - paused;
  let share = 0;
  let given = 0;
  for (const [z, part] of strata) {
    share += part;
    const upTo = Math.round(others * Math.min(1, share));
    const stretch = z > 0 ? 1 + (tailFactor - 1) * (z / 2.33) : 1;
    add(meanMs * Math.exp(spread * z - (spread * spread) / 2) * Math.max(0.1, stretch), upTo - given);
    given = upTo;
  }
  // Calls come evenly over the pause: their waits are even from nothing to all of it.
  for (let part = 0; part < 4; part++) {
    add(
      meanMs + (pausedMs * (part + 0.5)) / 4,
      Math.round((paused * (part + 1)) / 4) - Math.round((paused * part) / 4),
    );
  }
  const buckets = [...byBucket].sort(([a], [b]) => a - b);
  return {
    count,
    sumMs,
    minMs,
    maxMs,
    boundsNs: buckets.map(([bucket]) => msToNs(Math.exp(bucket * logStep))),
    counts: buckets.map(([, calls]) => calls),
  };
}
