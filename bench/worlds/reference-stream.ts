/**
 * What calls ask of a cache, one key a call: streams of the kinds caches are known to meet, and any trace
 * in a file. A stream is run through a cache once for each capacity that is asked for; one worker serves
 * the calls in the order they came, so that a call waits as long as those in flight before it take.
 *
 *   keys ─ stack distances ─▶ hits of an LRU cache of any size       keys ─ played ─▶ hits of one that throws out by chance
 *                        hits ─▶ rate, latencies, CacheUse
 */
import { readFileSync } from 'node:fs';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { Recency } from '../../src/sandbox/run/recency.ts';
import { shapeOf } from './latency.ts';
import type { TimelessLaw } from './laws.ts';
import type { Service } from './spec.ts';

/** Keys in the order they are asked for, each a number from 0. */
export type Keys = readonly number[];

/** Key i is asked for as often as 1/(i+1)^skew says, independently of what came before. */
export function zipf(keys: number, skew: number, length: number, random: RandomSource): Keys {
  const sums: number[] = [];
  for (let key = 0; key < keys; key++) sums.push((sums.at(-1) ?? 0) + (key + 1) ** -skew);
  const all = sums.at(-1) ?? 1;
  return Array.from({ length }, () => firstAtLeast(sums, all * random()));
}

/** All keys in turn, again and again. */
export function loop(keys: number, length: number): Keys {
  return Array.from({ length }, (_, i) => i % keys);
}

/** `keys`, and between every `every` of them a run over `scanned` keys that are never asked for otherwise. */
export function withScans(keys: Keys, every: number, scanned: number): Keys {
  const first = keys.reduce((largest, key) => Math.max(largest, key), 0) + 1;
  return keys.flatMap((key, i) =>
    i % every === every - 1 ? [key, ...Array.from({ length: scanned }, (_, one) => first + one)] : [key],
  );
}

/**
 * One key a line, of any text; empty lines are left out.
 * @throws {SandtuneError} ERR_SANDTUNE_INPUT for a file that cannot be read or holds no keys
 */
export function keysOfTrace(file: string): Keys {
  const numbers = new Map<string, number>();
  const keys = textOf(file)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const number = numbers.get(line) ?? numbers.size;
      numbers.set(line, number);
      return number;
    });
  if (keys.length === 0) throw refusal(file, 'one key a line, got none');
  return keys;
}

export interface StreamCache {
  /** The knob that is the capacity. */
  readonly knob: string;
  readonly keys: Keys;
  readonly hitMs: number;
  /** On top of `hitMs`. */
  readonly missMs: number;
  readonly inFlight: number;
  /** Which entry makes room. */
  readonly evicts: 'least recently used' | 'any';
}

/** @see Mattson, Gecsei, Slutz, Traiger 1970 (stack distances) */
export function streamCache({ knob, keys, hitMs, missMs, inFlight, evicts }: StreamCache): TimelessLaw {
  const known = new Map<number, Service>();
  const distances = stackDistances(keys);
  const depth = distances.reduce((deepest, distance) => Math.max(deepest, distance), -1) + 1;
  const ranks = Array.from({ length: depth }, () => 0);
  for (const distance of distances) if (distance >= 0) ranks[distance] = (ranks[distance] ?? 0) + 1;
  const cold = distances.filter((distance) => distance < 0).length;
  const hitsAt = (capacity: number) =>
    evicts === 'any'
      ? hitsOfRandom(keys, capacity, randomStream(1, 'eviction'))
      : distances.map((distance) => distance >= 0 && distance < capacity);

  const serviceAt = (capacity: number): Service => {
    const hits = hitsAt(capacity);
    const times = hits.map((hit) => hitMs + (hit ? 0 : missMs));
    const perSecond = (1000 * times.length) / times.reduce((sum, ms) => sum + ms, 0);
    const aSecond = (count: number) => (perSecond * count) / keys.length;
    const misses = hits.filter((hit) => !hit).length;
    const latencies = movingSums(times, inFlight);
    return {
      perSecond,
      shape: shapeOf((probability) => latencies[Math.floor(probability * latencies.length)] ?? 0),
      work: { fill: 1, busyFraction: 1, batchMs: 1000, executeMs: 1000, hostMs: 50, workerMs: 1000 },
      cache: {
        hits: aSecond(keys.length - misses),
        misses: aSecond(misses),
        rankCounts: ranks.map(aSecond),
        coldCount: aSecond(cold),
        missMs: aSecond(misses) * missMs,
      },
    };
  };
  return (settings) => {
    const capacity = Number(valueIn(settings, knob));
    const service = known.get(capacity) ?? serviceAt(capacity);
    known.set(capacity, service);
    return service;
  };
}

/** How many other keys were asked for since the same one; −1 where it never was. */
function stackDistances(keys: Keys): readonly number[] {
  const recency = new Recency(keys.reduce((most, key) => Math.max(most, key), 0) + 1);
  return keys.map((key) => recency.use(key));
}

function hitsOfRandom(keys: Keys, capacity: number, random: RandomSource): readonly boolean[] {
  const held: number[] = [];
  const places = new Set<number>();
  return keys.map((key) => {
    if (places.has(key)) return true;
    const place = held.length < capacity ? held.length : Math.floor(capacity * random());
    places.delete(held[place] ?? -1);
    held[place] = key;
    places.add(key);
    return false;
  });
}

/** Ascending: what each call and the ones in flight before it take together. The stream is a ring. */
function movingSums(times: readonly number[], inFlight: number): Float64Array {
  const sums = new Float64Array(times.length);
  const at = (i: number) => times[((i % times.length) + times.length) % times.length] ?? 0;
  let sum = 0;
  for (let i = -inFlight; i < 0; i++) sum += at(i);
  for (let i = 0; i < times.length; i++) {
    sum += at(i) - at(i - inFlight);
    sums[i] = sum;
  }
  return sums.sort();
}

function firstAtLeast(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refusal(file, `a file that can be read: ${messageOf(error)}`, error);
  }
}

function refusal(file: string, wanted: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_INPUT', `trace ${file}: expected ${wanted}`, { cause });
}
