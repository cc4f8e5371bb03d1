/**
 * Predictions corrected by what was measured.
 *
 * The correction is a Gaussian process over settings, zero at the setting in force. Its prior has two
 * parts: the spread of an ensemble of models (draws), and one Brownian motion per axis for the error
 * that all draws share, which grows with the distance in octaves. A measured setting corrects the
 * prediction there as far as its noise allows, and that of its neighbours with it.
 * @see Rasmussen and Williams 2006, eq. 2.23–2.24 (posterior), §4.2.3 (Wiener kernel)
 */

import { mean } from '../trial/statistics.ts';

/** Place of a setting: log2 of each knob's value relative to the setting in force. */
export type Place = readonly number[];

/** What the ensemble predicts for a setting: one value a draw, the draws in the same order for every setting. */
export interface Modelled {
  readonly place: Place;
  readonly draws: readonly number[];
}

export interface Checked extends Modelled {
  readonly value: number;
  readonly noiseSd: number;
}

/**
 * The function from a setting to its prediction, corrected by the settings that were measured.
 * @param octaveSd standard deviation of the error that all draws share after one octave, per axis
 */
export function conditionOn(
  checked: readonly Checked[],
  octaveSd: readonly number[],
): (target: Modelled) => { readonly mean: number; readonly sd: number } {
  const covariance = (a: Modelled, b: Modelled) =>
    covarianceOf(a.draws, b.draws) +
    octaveSd.reduce((sum, sd, axis) => sum + sd ** 2 * wiener(a.place[axis] ?? 0, b.place[axis] ?? 0), 0);
  const matrix = checked.map((row, i) =>
    checked.map((column, j) => covariance(row, column) + (i === j ? row.noiseSd ** 2 : 0)),
  );
  const errors = checked.map((one) => one.value - mean(one.draws));
  return (target) => {
    const towards = checked.map((one) => covariance(target, one));
    const weights = solve(matrix, towards);
    const dot = (values: readonly number[]) =>
      weights.reduce((sum, weight, i) => sum + weight * (values[i] as number), 0);
    return {
      mean: mean(target.draws) + dot(errors),
      sd: Math.sqrt(Math.max(0, covariance(target, target) - dot(towards))),
    };
  };
}

function covarianceOf(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  return a.reduce((sum, value, i) => sum + (value - meanA) * ((b[i] as number) - meanB), 0) / a.length;
}

/** Covariance of a Brownian motion that starts at 0 and runs in both directions. */
function wiener(a: number, b: number): number {
  return a * b > 0 ? Math.min(Math.abs(a), Math.abs(b)) : 0;
}

/** x of matrix·x = right, for the symmetric positive definite matrix of a few points (Gaussian elimination). */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  const size = rows.length;
  for (let pivot = 0; pivot < size; pivot++) {
    const from = rows[pivot] as number[];
    for (const row of rows.slice(pivot + 1)) {
      const factor = (row[pivot] as number) / (from[pivot] as number);
      for (let column = pivot; column <= size; column++)
        row[column] = (row[column] as number) - factor * (from[column] as number);
    }
  }
  const solution = Array.from<number>({ length: size }).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i] as number[];
    const known = row.slice(i + 1, size).reduce((sum, value, j) => sum + value * (solution[i + 1 + j] as number), 0);
    solution[i] = ((row[size] as number) - known) / (row[i] as number);
  }
  return solution;
}
