/**
 * What was measured at a few values of one knob, smoothed by the form that most services share: time a call = b + a/n, of
 * which more width or a larger batch spares the second part (Amdahl's law of a width, the amortised cost of a batch); or
 * by the parabola of a peak (peak.ts), where that misses by less.
 *
 *   points that differ from the one in force in one knob ── fitSaturating ──▶ value ──▶ score by the law, and how far it misses
 *                                                        └─ smoothed ──▶ the same points, each with what the others say of it
 *
 * Of values that differ by a few per cent the one that was measured best is often best by luck, and a trial takes long to
 * say so. What its neighbours say of it costs nothing.
 * @see Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities", AFIPS 30 (1967)
 */
import { valueIn } from '../../src/foundation/settings.ts';
import { sameSettings } from '../entries/settings.ts';
import { rootMeanSquare } from '../trial/statistics.ts';
import { combined, type LogGain } from './gain.ts';
import { fitPeak, type MeasuredValue } from './peak.ts';
import type { Point } from './points.ts';

const fewest = 3;
/** No law is trusted to be nearer than this (log) to what a service does. */
const leastMisfit = 0.02;

/** Score by the law and its standard deviation; null where too few values were seen, or they do not follow the law upwards. */
export function fitSaturating(points: readonly MeasuredValue[]): ((value: number) => LogGain) | null {
  if (new Set(points.map(({ value }) => value)).size < fewest || points.some(({ value }) => !(value > 0))) return null;
  const level = Math.max(...points.map(({ score }) => score));
  // Errors of a time are relative to it, as those of the score are absolute.
  const rows = points.map(({ value, score, sd }) => {
    const time = Math.exp(level - score);
    return { x: 1 / value, time, weight: (time * sd) ** -2 };
  });
  const total = (of: (row: (typeof rows)[number]) => number) =>
    rows.reduce((sum, row) => sum + row.weight * of(row), 0) / rows.reduce((sum, row) => sum + row.weight, 0);
  const [x, y] = [total((row) => row.x), total((row) => row.time)];
  const spread = total((row) => (row.x - x) ** 2);
  if (!(spread > 0)) return null;
  const a = total((row) => (row.x - x) * (row.time - y)) / spread;
  const b = y - a * x;
  if (!(a > 0 && b > 0)) return null;
  const scoreAt = (value: number) => level - Math.log(b + a / value);
  const misfit = rootMeanSquare(points.map(({ value, score }) => score - scoreAt(value)));
  return (value) => ({ mean: scoreAt(value), sd: Math.max(leastMisfit, misfit) });
}

/**
 * The points without `now`, each as it was measured together with what the law says of it.
 * @param knobs in one of which a point may differ from `now`
 */
export function smoothed(now: Point, near: readonly Point[], knobs: readonly string[]): readonly Point[] {
  return knobs.reduce<readonly Point[]>((points, id) => {
    const value = (point: Point) => Number(valueIn(point.settings, id) ?? Number.NaN);
    const line = new Set(
      near.filter(({ settings }) => sameSettings({ ...settings, [id]: valueIn(now.settings, id) ?? 0 }, now.settings)),
    );
    const measured = [now, ...line].map((point) => ({ value: value(point), score: point.score, sd: point.scoreSd }));
    const [law, peak] = [fitSaturating(measured), fitPeak(measured)];
    if (!law && !peak) return points;
    return points.map((point) => {
      if (!line.has(point)) return point;
      const at = value(point);
      const own = { mean: point.score, sd: point.scoreSd };
      const byLaw = law?.(at) ?? null;
      const byPeak = peak && at >= peak.from && at <= peak.to ? peak.at(at) : null;
      if (byPeak && !(byLaw && byLaw.sd <= byPeak.sd)) return { ...point, score: combined(byPeak, own).mean };
      if (!byLaw) return point;
      const { mean, sd } = combined(byLaw, own);
      return { ...point, score: mean, scoreSd: sd };
    });
  }, near);
}
