/**
 * The only file of the product that imports simple-statistics. That package's functions take mutable
 * arrays and throw when there are too few values. These take readonly arrays, and say what too few
 * values give.
 */
import {
  mean as meanOf,
  median as medianOf,
  rootMeanSquare as rootMeanSquareOf,
  sampleStandardDeviation,
  standardDeviation as standardDeviationOf,
} from 'simple-statistics';

/** @param ofNone what no values give */
export function mean(values: readonly number[], ofNone = Number.NaN): number {
  return values.length === 0 ? ofNone : meanOf(values as number[]);
}

/** The middle value; of an even number of them the mean of the middle two. @param ofNone what no values give */
export function median(values: readonly number[], ofNone = Number.NaN): number {
  return values.length === 0 ? ofNone : medianOf(values as number[]);
}

/** The root of the mean square, √(Σx²/n). @param ofNone what no values give */
export function rootMeanSquare(values: readonly number[], ofNone = Number.NaN): number {
  return values.length === 0 ? ofNone : rootMeanSquareOf(values as number[]);
}

/** The standard deviation of these values themselves, divided by n. 0 for no values. */
export function populationDeviation(values: readonly number[]): number {
  return values.length === 0 ? 0 : standardDeviationOf(values as number[]);
}

/** The standard deviation of what these values are a sample of, divided by n − 1. 0 for fewer than two. */
export function sampleDeviation(values: readonly number[]): number {
  return values.length < 2 ? 0 : sampleStandardDeviation(values as number[]);
}

/**
 * The ends of an interval round the mean of these values. Where no value is below 0 its low end is not
 * either: a rate or a time cannot be, however far it spreads.
 * @param half how far each end is from the mean, ≥ 0
 */
export function endsAround(values: readonly number[], half: number): readonly [low: number, high: number] {
  const center = mean(values);
  const low = center - half;
  return [values.every((one) => one >= 0) ? Math.max(0, low) : low, center + half];
}
