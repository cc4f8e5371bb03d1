/**
 * The peak of a hump: where a width or a batch size rose and then fell, a parabola through what was measured next to the
 * best says where between the values seen the best lies, and how much more is to be had there.
 *
 *   points that differ from the one in force in one knob ── fitPeak ──▶ vertex, score by the parabola, how far it misses
 *
 * Values are seen at doublings and halvings of what is in force, between which a hump falls by a few per cent: too little
 * for a trial of its own once the next best is proven, and there for as long as the service runs. A visit before that
 * trial takes two seconds. The law of the hump is not asked for: near its top any smooth one is a parabola.
 */
import type { LogGain } from './gain.ts';
import { solve } from './residual.ts';

export interface MeasuredValue {
  readonly value: number;
  /** log of the objective, + is better. */
  readonly score: number;
  readonly sd: number;
}

export interface Peak {
  readonly value: number;
  /** By the parabola, at any value between those that were seen next to the best. */
  at(value: number): LogGain;
  /** The parabola speaks of values between these. */
  readonly from: number;
  readonly to: number;
}

/** Standard deviations from which on one value is plainly worse than another. */
const plainSds = 2;
/** No parabola is trusted to be nearer than this (log) to what a service does. */
const leastMisfit = 0.02;

/** null where the best has no plainly worse value on both of its sides, or the parabola does not fall to both. */
export function fitPeak(points: readonly MeasuredValue[]): Peak | null {
  const line = points.filter(({ value }) => value > 0).toSorted((a, b) => a.value - b.value);
  const best = line.reduce<MeasuredValue | null>((top, one) => (top && top.score >= one.score ? top : one), null);
  if (!best) return null;
  const near = aroundTop(line, line.indexOf(best));
  const [first, last] = [near[0], near.at(-1)];
  if (!first || !last || ![first, last].every((one) => isPlainlyBelow(one, best))) return null;
  const x = (value: number) => Math.log2(value / best.value);
  const powers = (value: number) => [1, x(value), x(value) ** 2];
  const sums = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) =>
      near.reduce((sum, one) => {
        const row = powers(one.value);
        return sum + ((row[i] as number) * (row[j] as number)) / one.sd ** 2;
      }, 0),
    ),
  );
  const right = [0, 1, 2].map((i) =>
    near.reduce((sum, one) => sum + ((powers(one.value)[i] as number) * one.score) / one.sd ** 2, 0),
  );
  const [level = 0, slope = 0, bend = 0] = solve(sums, right);
  const vertex = -slope / (2 * bend);
  if (!(bend < 0) || !(vertex > x(first.value) && vertex < x(last.value))) return null;
  const scoreAt = (value: number) => level + slope * x(value) + bend * x(value) ** 2;
  const misses = near.map(({ value, score }) => score - scoreAt(value));
  const misfit = Math.sqrt(misses.reduce((sum, miss) => sum + miss ** 2, 0) / near.length);
  return {
    value: best.value * 2 ** vertex,
    at: (value) => ({ mean: scoreAt(value), sd: Math.max(leastMisfit, misfit) }),
    from: first.value,
    to: last.value,
  };
}

/** The best, its better neighbour, and one beyond each of the two: further away no smooth law is a parabola. */
function aroundTop(line: readonly MeasuredValue[], at: number): readonly MeasuredValue[] {
  const scoreAt = (i: number) => line[i]?.score ?? -Infinity;
  const from = scoreAt(at - 1) > scoreAt(at + 1) ? at - 1 : at;
  return line.slice(Math.max(0, from - 1), from + 3);
}

function isPlainlyBelow(one: MeasuredValue, best: MeasuredValue): boolean {
  return best.score - one.score > plainSds * Math.hypot(best.sd, one.sd);
}
