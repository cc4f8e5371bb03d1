/**
 * A Gaussian process over settings: what was measured at a few of them says what to expect of the others.
 *
 *   visits ── processOf ──▶ at(setting) ──▶ mean and standard deviation of its log gain
 *
 * Two settings are alike by how near they are: on an ordered axis by a squared exponential of the distance, on
 * a choice by whether it is the same. One part of the covariance is the product over the axes, where what one
 * knob should be depends on the others; the other is their sum, by which few visits say much of many knobs.
 * How far likeness reaches, and how the two parts share, is what makes the visits likeliest, of a small grid.
 * @see Rasmussen and Williams 2006, algorithm 2.1 (posterior, marginal likelihood), §5.1
 * @see Duvenaud, Nickisch and Rasmussen 2011, "Additive Gaussian processes"
 */
import { median } from '../../trial/statistics.ts';

/** Coordinates: places of ordered axes, indices of choices. */
type Coordinates = readonly number[];

export interface Observed {
  readonly at: Coordinates;
  readonly value: number;
  readonly sd: number;
}

export interface Expected {
  readonly mean: number;
  readonly sd: number;
}

export interface Process {
  at(place: Coordinates): Expected;
}

interface Shape {
  /** Distance over which an ordered axis forgets. */
  readonly length: number;
  /** Share of the sum over the axes in the variance. */
  readonly additive: number;
  /** Standard deviation from one setting to another far away. */
  readonly amplitude: number;
}

const lengths = [0.12, 0.25, 0.5, 1, 1.8] as const;
const additives = [0, 0.5] as const;
const amplitudes = [1, 2, 4] as const;
/** Two values of a choice are alike by so much. */
const otherChoice = 0.6;
/** Where all visits are alike, settings that were not visited may still differ by so much. */
const leastSpread = 0.15;
/** Before anything was visited, settings are expected to be as good as the one in force; that counts for so many visits. */
const priorVisits = 6;
/**
 * How far likeness reaches, before anything was visited: log-normal. With a middle of 0.25 the search took half as many
 * visits again until one was proven within 5 % of the best of three to eight knobs that depend on each other.
 */
const lengthPrior = { middle: 0.5, logSd: 0.7 } as const;

/** The newest process: one choice asks for it several times, and it is fitted on the host's thread, in some tens of milliseconds. */
let newest: { readonly key: string; readonly process: Process } | null = null;

/** @param isChoice by axis */
export function processOf(observed: readonly Observed[], isChoice: readonly boolean[]): Process {
  const key = JSON.stringify([observed, isChoice]);
  if (newest?.key !== key) newest = { key, process: fitted(observed, isChoice) };
  return newest.process;
}

function fitted(observed: readonly Observed[], isChoice: readonly boolean[]): Process {
  const values = observed.map((one) => one.value);
  const level = (median(values) * values.length) / (values.length + priorVisits);
  const spread = Math.max(
    leastSpread,
    Math.sqrt(values.reduce((sum, value) => sum + (value - level) ** 2, 0) / values.length),
  );
  const distances = observed.map((one, i) =>
    observed.slice(0, i + 1).map((other) => apart(one.at, other.at, isChoice)),
  );
  const kinds = additives.slice(0, isChoice.length > 1 ? 2 : 1);
  const fits = lengths.flatMap((length) =>
    kinds.flatMap((additive) => {
      const alike = distances.map((row) => Float64Array.from(row, (squares) => likeness(length, additive, squares)));
      return amplitudes.map((times) => fitOf({ length, additive, amplitude: times * spread }, observed, alike, level));
    }),
  );
  const best = fits.reduce((top, one) => (one.likelihood > top.likelihood ? one : top));
  return { at: (place) => expectedAt(best, observed, place, level, isChoice) };
}

interface Fit {
  readonly shape: Shape;
  /** Lower triangle of the covariance's Cholesky factor, by rows. */
  readonly factor: readonly Float64Array[];
  readonly weights: Float64Array;
  readonly likelihood: number;
}

/** By axis: the square of the distance, or −1 where a choice is another one. */
function apart(a: Coordinates, b: Coordinates, isChoice: readonly boolean[]): Float64Array {
  const squares = new Float64Array(a.length);
  for (let axis = 0; axis < a.length; axis++) {
    const distance = (a[axis] as number) - (b[axis] as number);
    squares[axis] = isChoice[axis] ? (distance === 0 ? 0 : -1) : distance * distance;
  }
  return squares;
}

/** From 0 to 1. */
function likeness(length: number, additive: number, squares: Float64Array): number {
  const scale = -0.5 / (length * length);
  let exponent = 0;
  let product = 1;
  let sum = 0;
  for (const square of squares) {
    if (square < 0) product *= otherChoice;
    else exponent += square * scale;
    if (additive > 0) sum += square < 0 ? otherChoice : Math.exp(square * scale);
  }
  return (1 - additive) * product * Math.exp(exponent) + (additive * sum) / squares.length;
}

/** @param alike of each observed setting to those before it and itself */
function fitOf(shape: Shape, observed: readonly Observed[], alike: readonly Float64Array[], level: number): Fit {
  const variance = shape.amplitude ** 2;
  const factor: Float64Array[] = [];
  const weights = new Float64Array(observed.length);
  let likelihood = -0.5 * (Math.log(shape.length / lengthPrior.middle) / lengthPrior.logSd) ** 2;
  for (const [i, { value, sd }] of observed.entries()) {
    const row = (alike[i] as Float64Array).map((one) => variance * one);
    row[i] = (row[i] as number) + sd * sd;
    for (let j = 0; j <= i; j++) {
      const other = j === i ? row : (factor[j] as Float64Array);
      let rest = row[j] as number;
      for (let k = 0; k < j; k++) rest -= (row[k] as number) * (other[k] as number);
      row[j] = j === i ? Math.sqrt(Math.max(1e-10, rest)) : rest / (other[j] as number);
    }
    factor.push(row);
    let rest = value - level;
    for (let k = 0; k < i; k++) rest -= (row[k] as number) * (weights[k] as number);
    const weight = rest / (row[i] as number);
    weights[i] = weight;
    likelihood -= weight * weight * 0.5 + Math.log(row[i] as number);
  }
  // From here on backwards, so that `weights` are the covariance's inverse times the values.
  for (let i = observed.length - 1; i >= 0; i--) {
    let rest = weights[i] as number;
    for (let k = i + 1; k < observed.length; k++)
      rest -= ((factor[k] as Float64Array)[i] as number) * (weights[k] as number);
    weights[i] = rest / ((factor[i] as Float64Array)[i] as number);
  }
  return { shape, factor, weights, likelihood };
}

function expectedAt(
  { shape, factor, weights }: Fit,
  observed: readonly Observed[],
  place: Coordinates,
  level: number,
  isChoice: readonly boolean[],
): Expected {
  const row = new Float64Array(observed.length);
  const variance = shape.amplitude ** 2;
  let mean = level;
  let explained = 0;
  for (const [i, one] of observed.entries()) {
    const towards = variance * likeness(shape.length, shape.additive, apart(place, one.at, isChoice));
    mean += towards * (weights[i] as number);
    const mine = factor[i] as Float64Array;
    let rest = towards;
    for (let k = 0; k < i; k++) rest -= (mine[k] as number) * (row[k] as number);
    row[i] = rest / (mine[i] as number);
    explained += (row[i] as number) ** 2;
  }
  return { mean, sd: Math.sqrt(Math.max(1e-8, variance - explained)) };
}
