/** From samples to a value with its 95 % interval, as the fields of a figure. */
import { endsAround, mean, sampleDeviation } from '../tuner/trial/statistics.ts';
import type { Estimate } from './figure.ts';

/** Ends of the interval: a fortieth of the chance beyond each. */
const tail = 0.025;

/** Mean of independent samples; Student's interval from the third sample on. */
export function meanOf(samples: readonly number[]): Estimate {
  const n = samples.length;
  const value = mean(samples);
  if (n < 3) return { value, samples: n };
  const half = (studentQuantile(n - 1) * sampleDeviation(samples)) / Math.sqrt(n);
  return { value, samples: n, ci95: endsAround(samples, half) };
}

/**
 * The share of trials in which something happened, with its exact interval: none of 400 is at most
 * 0.9 %, which an interval from the spread would call 0.
 * @see Clopper, Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934)
 */
export function shareOf(flags: readonly boolean[]): Estimate {
  const n = flags.length;
  const count = flags.filter(Boolean).length;
  if (n === 0) return { value: Number.NaN, samples: 0 };
  const low = count === 0 ? 0 : probabilityWhere((p) => 1 - upTo(count - 1, n, p) >= tail);
  const high = count === n ? 1 : probabilityWhere((p) => upTo(count, n, p) <= tail);
  return { value: count / n, samples: n, ci95: [low, high] };
}

/**
 * Events in a length of time, with the exact interval of their rate: none in 60 days is at most 0.06 a day.
 * @see Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936)
 */
export function rateOf(count: number, time: number): Estimate {
  // Beyond it there is less than the tail, for any count.
  const most = 2 * count + 10;
  const low = count === 0 ? 0 : most * probabilityWhere((share) => 1 - poissonUpTo(count - 1, share * most) >= tail);
  const high = most * probabilityWhere((share) => poissonUpTo(count, share * most) <= tail);
  return { value: count / time, samples: count, ci95: [low / time, high / time] };
}

/**
 * The 97.5 % quantile of Student's t, right to 0.03 from 3 degrees of freedom on.
 * @see Abramowitz, Stegun, Handbook of Mathematical Functions, 26.7.5
 */
function studentQuantile(degrees: number): number {
  const exact = [Number.NaN, 12.706, 4.303][degrees];
  if (exact !== undefined) return exact;
  const z = 1.959964;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}

/** P(at most `count` of n) at probability p. O(count). */
function upTo(count: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return count >= n ? 1 : 0;
  let log = n * Math.log1p(-p);
  let sum = Math.exp(log);
  for (let k = 1; k <= count; k++) {
    log += Math.log((n - k + 1) / k) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** P(at most `count`) of a Poisson variable. O(count). */
function poissonUpTo(count: number, expected: number): number {
  let term = Math.exp(-expected);
  let sum = term;
  for (let k = 1; k <= count; k++) {
    term *= expected / k;
    sum += term;
  }
  return Math.min(1, sum);
}

/** The smallest p in [0, 1] at which `isReached`, which holds from there on. */
function probabilityWhere(isReached: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let turn = 0; turn < 40; turn++) {
    const middle = (low + high) / 2;
    if (isReached(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The least value that `q` of all do not exceed; NaN where there are none. @param q 0 to 1 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
