/**
 * The Universal Scalability Law, X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), fitted to log throughput
 * with a prior on contention σ and coherency κ, neither negative. A fit from a few points is only
 * as good as its prior, so the covariance is part of the answer.
 * @see Gunther 2007, "Guerrilla Capacity Planning", ch. 4–5; Levenberg–Marquardt by ml-levenberg-marquardt
 */

import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { rootMeanSquare } from '../trial/statistics.ts';
import type { LogGain } from './gain.ts';
import { solve } from './residual.ts';

export interface UslPoint {
  readonly width: number;
  /** log of throughput, any unit. */
  readonly score: number;
  readonly sd: number;
}

export interface UslFit {
  readonly sigma: number;
  readonly kappa: number;
  /** Log gain of going from one width to another. */
  gain(from: number, to: number): LogGain;
}

/** Scales of the priors of σ and κ: most pools lose a few percent a unit, and few have a coherency above 0.005. */
const prior = { sigma: 0.15, kappa: 0.003 } as const;

/** The fit to points at two or more widths, the largest at least twice the smallest; null where there are no such points. */
export function fitUsl(points: readonly UslPoint[]): UslFit | null {
  const widths = points.map((point) => point.width);
  if (new Set(widths).size < 2 || Math.max(...widths) < 2 * Math.min(...widths)) return null;
  const level = Math.max(...points.map((point) => point.score - Math.log(point.width)));
  // Each row is divided by its standard deviation here, because the package (5.1.0) applies its
  // `weights` one way in its error and the other way in its step. The prior is two more rows.
  const rows: readonly Row[] = [
    ...points.map((point): Row => ({ kind: 'width', width: point.width, sd: Math.max(point.sd, 0.02) })),
    { kind: 'sigma', sd: prior.sigma },
    { kind: 'kappa', sd: prior.kappa },
  ];
  const y = [...points.map((point, i) => (point.score - level) / (rows[i] as Row).sd), 0, 0];
  const at = (x: number) => rows[x] as Row;
  const { parameterValues } = levenbergMarquardt(
    { x: rows.map((_, i) => i), y },
    (parameters) => (x) => readout(parameters, at(x)) / at(x).sd,
    {
      initialValues: [0, 0.05, 0.0005],
      minValues: [-20, 0, 0],
      maxValues: [20, 10, 1],
      jacobianFunction: (parameters) => (x) => slopes(parameters, at(x)).map((slope) => slope / at(x).sd),
      damping: 0.01,
      maxIterations: 200,
    },
  );
  const [, sigma = 0, kappa = 0] = parameterValues;
  // A pool that hits a hard limit does not follow the law. The law's error at the points it was fitted
  // to is therefore added to the standard deviation of every gain it predicts.
  const misses = points.map((point) => point.score - level - logUsl(parameterValues, point.width));
  const misfit = Math.SQRT2 * rootMeanSquare(misses);
  const covariance = covarianceAt(parameterValues, rows);
  return {
    sigma,
    kappa,
    gain: (from, to) => {
      const slope = (i: 1 | 2) => sensitivity(parameterValues, to)[i] - sensitivity(parameterValues, from)[i];
      const [a, b] = [slope(1), slope(2)];
      const variance = a * a * covariance[1][1] + 2 * a * b * covariance[1][2] + b * b * covariance[2][2];
      return {
        mean: logUsl(parameterValues, to) - logUsl(parameterValues, from),
        sd: Math.hypot(Math.sqrt(Math.max(0, variance)), misfit),
      };
    },
  };
}

type Row =
  | { readonly kind: 'width'; readonly width: number; readonly sd: number }
  | { readonly kind: 'sigma' | 'kappa'; readonly sd: number };

function readout(parameters: readonly number[], row: Row): number {
  if (row.kind === 'width') return logUsl(parameters, row.width);
  return parameters[row.kind === 'sigma' ? 1 : 2] as number;
}

function logUsl([level = 0, sigma = 0, kappa = 0]: readonly number[], width: number): number {
  return level + Math.log(width) - Math.log(1 + sigma * (width - 1) + kappa * width * (width - 1));
}

/** Derivatives of logUsl by level, σ, κ. */
function sensitivity([, sigma = 0, kappa = 0]: readonly number[], width: number): Triple {
  const below = 1 + sigma * (width - 1) + kappa * width * (width - 1);
  return [1, -(width - 1) / below, (-width * (width - 1)) / below];
}

/** Derivatives of `readout`. */
function slopes(parameters: readonly number[], row: Row): Triple {
  if (row.kind === 'width') return sensitivity(parameters, row.width);
  return row.kind === 'sigma' ? [0, 1, 0] : [0, 0, 1];
}

/** Inverse of JᵀWJ, prior rows included, so that it always exists (Laplace approximation). */
function covarianceAt(parameters: readonly number[], rows: readonly Row[]): readonly [Triple, Triple, Triple] {
  const whitened = rows.map((row) => slopes(parameters, row).map((slope) => slope / row.sd));
  const information = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => whitened.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0)),
  );
  const column = (k: number) =>
    solve(
      information,
      [0, 1, 2].map((i) => (i === k ? 1 : 0)),
    ) as unknown as Triple;
  return [column(0), column(1), column(2)];
}

type Triple = readonly [number, number, number];
