/**
 * A number made of many laps, with its interval: seeds are drawn anew within each world, with all rules that ran
 * on them, so that what two rules have in common stays between them.
 * @see Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979)
 */
import { type RandomSource, randomStream } from '../../src/foundation/random.ts';
import type { Estimate } from '../figure.ts';
import type { Lap } from './lap.ts';

/** World → its laps, one a seed. */
export type Laps = ReadonlyMap<string, readonly Lap[]>;

const draws = 1000;
const ends = [0.025, 0.975] as const;
/** Of fewer seeds a world the interval says nothing. */
const leastSeeds = 3;

export function byWorld(laps: readonly Lap[]): Laps {
  return Map.groupBy(laps, ({ world }) => world);
}

/** @param statistic NaN where there is nothing to make it of */
export function bootstrapped(laps: Laps, statistic: (laps: Laps) => number): Estimate {
  const value = statistic(laps);
  const samples = Math.min(...[...laps.values()].map((one) => one.length));
  if (!Number.isFinite(value) || !(samples >= leastSeeds))
    return { value, samples: Number.isFinite(samples) ? samples : 0 };
  const random = randomStream(1, 'bootstrap');
  const drawn = Array.from({ length: draws }, () =>
    statistic(new Map([...laps].map(([world, one]) => [world, redrawn(one, random)]))),
  ).sort((a, b) => a - b);
  const [low, high] = ends.map((end) => drawn[Math.round(end * (draws - 1))] ?? Number.NaN) as [number, number];
  return { value, samples, ci95: [Math.min(value, low), Math.max(value, high)] };
}

function redrawn<T>(items: readonly T[], random: RandomSource): readonly T[] {
  return items.map(() => items[Math.floor(items.length * random())] as T);
}
