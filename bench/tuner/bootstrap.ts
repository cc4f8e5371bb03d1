/**
 * A number made of many laps, with its interval: seeds are drawn anew within each world, with all rules that ran
 * on them, so that what two rules have in common stays between them.
 * @see Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979)
 */
import { type RandomSource, randomStream } from '../../src/foundation/random.ts';
import type { Estimate } from '../figure.ts';

/** World → what was measured in it, one a seed. */
export type ByWorld<T> = ReadonlyMap<string, readonly T[]>;

const draws = 1000;
const ends = [0.025, 0.975] as const;
/** Of fewer seeds a world the interval says nothing. */
const leastSeeds = 3;

export function byWorld<T extends { readonly world: string }>(items: readonly T[]): ByWorld<T> {
  return Map.groupBy(items, ({ world }) => world);
}

/** @param statistic NaN where there is nothing to make it of */
export function bootstrapped<T>(measured: ByWorld<T>, statistic: (measured: ByWorld<T>) => number): Estimate {
  const value = statistic(measured);
  const samples = Math.min(...[...measured.values()].map((one) => one.length));
  if (!Number.isFinite(value) || !(samples >= leastSeeds))
    return { value, samples: Number.isFinite(samples) ? samples : 0 };
  const random = randomStream(1, 'bootstrap');
  const drawn = Array.from({ length: draws }, () =>
    statistic(new Map([...measured].map(([world, one]) => [world, redrawn(one, random)]))),
  ).sort((a, b) => a - b);
  const [low, high] = ends.map((end) => drawn[Math.round(end * (draws - 1))] ?? Number.NaN) as [number, number];
  return { value, samples, ci95: [Math.min(value, low), Math.max(value, high)] };
}

function redrawn<T>(items: readonly T[], random: RandomSource): readonly T[] {
  return items.map(() => items[Math.floor(items.length * random())] as T);
}
