/**
 * How true the miss-ratio curve is that a cache's model draws, and what drawing it costs. What samples the
 * references is what runs in a sandbox's worker (`Recency`) and in its windows (`CacheCounts`); what the model
 * reads of them is held against caches that were played through, one for each capacity.
 *
 *   keys ─ Recency ─▶ ranks ─ CacheCounts ─▶ CacheUse ─ missesAt ─▶ curve ─ choose ─▶ capacity
 *   keys ─ an LRU cache of each capacity, played ─▶ curve ─ choose ─▶ capacity
 */
import { systemClock } from '../../src/foundation/clock.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { CacheCounts, mergeCacheUse } from '../../src/measure/cache-counts.ts';
import { Recency } from '../../src/sandbox/run/recency.ts';
import { cushion, kneeOf, missesAt } from '../../tuner/predict/cache.ts';
import { mean, median } from '../../tuner/trial/statistics.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { type Keys, loop, withScans, zipf } from '../worlds/reference-stream.ts';

export const missRatio: Group = {
  about: 'miss-ratio curves against caches that were played through, and what drawing one costs',
  run: (options) => Promise.resolve(figures(options)),
};

const lengthOf: Readonly<Record<SuiteLength, number>> = { quick: 12_000, full: 200_000, long: 1_000_000 };
const windowReferences = 1000;
const mostKeys = 16_384;

/** Streams of all the kinds that caches are known to meet. */
function streamsOf(length: number, seed: number): Readonly<Record<string, Keys>> {
  const random = randomStream(seed, 'miss ratios');
  const part = Math.floor(length / 4);
  const [few, many] = [zipf(100, 0.9, part, random), zipf(8000, 0.7, part, random)];
  return {
    'zipf-1k': zipf(1000, 0.9, length, random),
    'zipf-16k': zipf(mostKeys, 0.7, length, random),
    'loop-300': loop(300, length),
    'loop-3k': loop(3000, length),
    scan: withScans(zipf(1000, 0.9, Math.floor(length / 1.25), random), 2000, 500),
    phases: [...few, ...many, ...few, ...many],
  };
}

function figures({ length, seed, progress, signal }: SuiteOptions): readonly Figure[] {
  const errors: number[] = [];
  const gaps: number[] = [];
  const costs: number[] = [];
  for (const [name, keys] of Object.entries(streamsOf(lengthOf[length], seed))) {
    signal?.throwIfAborted();
    const { curve, depth, nsPerReference } = sampled(keys);
    const played = new Map<number, number>();
    const truth = (capacity: number) => {
      const ratio = played.get(capacity) ?? missesPlayed(keys, capacity) / keys.length;
      played.set(capacity, ratio);
      return ratio;
    };
    errors.push(...capacities.map((capacity) => Math.abs(curve(capacity) - truth(capacity))));
    const [ours, best] = [chosenBy(curve, [...ladder, depth]) * cushion, chosenBy(truth, capacities)];
    gaps.push(Math.max(0, truth(Math.ceil(ours)) - truth(best)));
    costs.push(nsPerReference);
    progress(`${name}: ${Math.round(nsPerReference)} ns a reference`);
  }
  return [
    {
      name: 'mrc_mae',
      unit: 'fraction of references, mean over capacities',
      better: 'lower',
      targets: [{ op: '<=', value: 0.01, on: 'value' }],
      value: mean(errors),
      samples: errors.length,
    },
    {
      name: 'mrc_choice_gap',
      unit: 'fraction of references missed more than with the choice from the true curve, worst stream',
      better: 'lower',
      targets: [{ op: '<=', value: 0.01, on: 'value' }],
      value: Math.max(...gaps),
      samples: gaps.length,
    },
    {
      name: 'mrc_ns_per_reference',
      unit: 'ns, worst stream',
      better: 'lower',
      targets: [{ op: '<=', value: 50, on: 'value' }],
      value: Math.max(...costs),
      samples: costs.length,
    },
    {
      name: 'mrc_bytes',
      unit: `bytes with ${mostKeys} keys`,
      better: 'lower',
      targets: [{ op: '<=', value: 2 ** 20, on: 'value' }],
      value: bytesOf(mostKeys),
      samples: 1,
    },
  ];
}

/** What the model chooses among, with the number of entries in use: powers of two. */
const ladder = Array.from({ length: 15 }, (_, i) => 2 ** i);
/** What it could choose, as far as ranks are told apart. */
const capacities = [...new Set(Array.from({ length: 43 }, (_, i) => Math.round(2 ** (i / 3))))];

/** The curve of the product, from windows of references. Time is that of the middle window: others may run beside. */
function sampled(keys: Keys): {
  readonly curve: (capacity: number) => number;
  /** Entries that were found again. */
  readonly depth: number;
  readonly nsPerReference: number;
} {
  const recency = new Recency(keys.reduce((most, key) => Math.max(most, key), 0) + 1);
  const counts = new CacheCounts();
  const times: number[] = [];
  let use = counts.freeze();
  for (let from = 0; from < keys.length; from += windowReferences) {
    const window = keys.slice(from, from + windowReferences);
    const startMs = systemClock.now();
    for (const key of window) {
      const rank = recency.use(key);
      counts.reference(rank, rank >= 0 && rank < 64, 1);
    }
    times.push((1e6 * (systemClock.now() - startMs)) / window.length);
    use = mergeCacheUse(use, counts.freeze());
  }
  const seen = use;
  return {
    curve: (capacity) => (seen ? missesAt(seen, capacity) / keys.length : Number.NaN),
    depth: seen?.rankCounts.length ?? 0,
    nsPerReference: median(times, Number.NaN),
  };
}

/** What the model would take, if every reference that no longer misses gained alike. */
function chosenBy(curve: (capacity: number) => number, among: readonly number[]): number {
  const ascending = among.toSorted((a, b) => a - b);
  return kneeOf(ascending, (capacity) => curve(1) - curve(capacity)) ?? 1;
}

/** Misses of a cache that is played through, and knows nothing of ranks. */
function missesPlayed(keys: Keys, capacity: number): number {
  const held = new Set<number>();
  let misses = 0;
  for (const key of keys) {
    if (!held.delete(key)) misses++;
    held.add(key);
    if (held.size > capacity) held.delete(held.keys().next().value ?? key);
  }
  return misses;
}

/** Of everything that grows with the keys: the ranks' arrays, and what a window counts of them. */
function bytesOf(keyCount: number): number {
  const recency = new Recency(keyCount);
  const counts = new CacheCounts();
  for (let key = 0; key < keyCount; key++) recency.use(key);
  for (let key = 0; key < keyCount; key++) counts.reference(recency.use(key), false, 1);
  // A window's count, and the one that is being counted.
  const eachCountBytes = 8 + 4;
  return recency.bytes + (counts.freeze()?.rankCounts.length ?? 0) * eachCountBytes;
}
