/**
 * Whether the level of a series has shifted: a rate, a latency, calls in flight, one value a window. It is
 * asked after every window, for days, so what counts is how long it runs until a false alarm, and how soon
 * it sees a shift.
 *
 *   values ─▶ logs ─┬─ before: median, σ, autocorrelation, bursts ─┐
 *                   └─ newest 16 at most ── standardised ──▶ Shiryaev–Roberts sum ──▶ Shift │ null
 *
 * The newest windows may lie after a shift, those before them are the reference. Each newest value gives,
 * for each of six bets λ, the factor exp(λ(z − δ) − ψ(λ)), which is 1 or less on average as long as the
 * level stays within δ of the reference. The sum over all starts of the products of these factors is an
 * e-detector: were σ known, it would reach `evidence` once in as many windows at the most.
 *
 *   z   (log − median) / unit, cut off at 4, so that no single window is a shift
 *   unit  σ of the reference · √((1 + φ) / (1 − φ)): in that unit sums over autocorrelated windows spread as
 *       sums over independent ones do
 *   δ   2.5 % and a quarter of a unit: a smaller shift is worth nothing, and a median of 24 is as far off
 *   ψ   the larger of λ²/2 and of what the reference itself gives, so that bursts count as usual where they are
 *
 * σ is estimated, so the run length is not proven but measured; test/measure/shift.test.ts holds bounds.
 * Simulated at σ 5 %, over ten days of 17,280 windows each (false alarms a day; medians of windows until seen):
 *
 *                                         false   −10 %  −20 %  −50 %  × 2
 *   white                                   0.1       9      3      2    2
 *   autoregressive, φ 0.5 │ 0.9         0.7 │ 1.9    never  4 │ 17    2    2
 *   one window in 20 at −30 %               1.4   never      6      4    2
 *   Student's t, 3 │ 2 degrees          0.6 │ 1.0  9 │ 12  3 │ 4      3    3 │ 4
 *   a day's swing of 30 │ 60 %          0.0 │ 0.1  9 │ 10      3      2    2
 *
 * Losses at −30 % that last one to three windows, which the reference has not met yet, are told as what they
 * are: 54 a day where there are 430. Page's CUSUM (k 1, h 5, one reference of 20 windows) sees as soon, and
 * has 2 false alarms a day under white noise, 300 at φ 0.9 and 70 under a day's swing of 60 %.
 * @see Page, Biometrika 41 (1954); Shin, Ramdas, Rinaldo, "E-detectors", arXiv 2203.03532, §2 (the sum of
 *   products); Lai, J. R. Stat. Soc. B 57 (1995) (only the newest windows). Deviations: ψ and the unit are estimated.
 */

/** A shift of the level of a series. */
interface Shift {
  /** The median before, in the unit of the values. */
  readonly from: number;
  /** The median of the windows that lie after the shift. */
  readonly to: number;
  /** Windows since the shift, the newest included; ≥ 2. */
  readonly windows: number;
}

/** Older values are not looked at, and need not be kept. */
export const shiftWindows = 100;
/** The newest values of which some may lie after a shift. */
const mostAfter = 16;
/** Fewer values before them are no reference. */
const fewestBefore = 10;
/**
 * Fewer tell σ badly, and ask for `scarce` times the evidence: a reference of 10 values then finds −50 %
 * in 3 to 5 windows, and has a false alarm within its first 18 in 0.1 % of white series at σ 5 %, in 2 % at φ 0.5 and
 * in 0.2 % where one window in 20 is at −30 % (4,000 series each).
 */
const enoughBefore = 12;
const scarce = 100;
/** The newest of the reference, whose median is its level: older ones may be of an hour before. */
const levelWindows = 24;
const cutOff = 4;
const smallestShift = 0.025;
const levelError = 0.25;
/** No reference is taken to be quieter. */
const smallestSigma = 0.02;
/** An autocorrelation above is taken for this one. */
const mostAutocorrelation = 0.9;
/** What the reference itself has once summed up to is usual: a shift is as much again and this often more. */
const beyondUsual = 150;
/** The sum at which a shift is told. */
const usualEvidence = 1000;
const bets = [-2, -1, -0.5, 0.5, 1, 2] as const;

/**
 * The shift that lies within the newest values; null where there is none, or nothing to compare them with.
 * O(number of values) for at most `shiftWindows` of them.
 * @param values one a window, oldest first, ≥ 0; one of 0 counts as a thousandth of the median
 * @param fresh how many of the newest have come since values were first watched: only these may lie after
 *   a shift, at most 16 of them
 * @param asked the sum at which a shift is told, above 1: the larger, the rarer are false alarms
 */
export function shiftIn(values: readonly number[], fresh: number, asked = usualEvidence): Shift | null {
  const kept = values.slice(-shiftWindows);
  const from = kept.length - Math.min(mostAfter, fresh);
  if (from < fewestBefore || from >= kept.length) return null;
  const evidence = from < enoughBefore ? scarce * asked : asked;
  const usual = median(kept.slice(0, from));
  if (!(usual > 0)) return null;
  const logs = kept.map((value) => Math.log(Math.max(value, usual / 1000)));
  const level = median(logs.slice(Math.max(0, from - levelWindows), from));
  const { unit, deviations } = noiseOf(logs.slice(0, from));
  const z = logs.map((log) => cut((log - level) / unit));
  const delta = smallestShift / unit + levelError;
  const [before, after] = [z.slice(0, from), z.slice(from)];
  const gains = (of: readonly number[], bet: number, cost: number) =>
    of.map((one) => bet * one - Math.abs(bet) * delta - cost);
  // Bursts in the reference make a bet dearer and never cheaper, so that most windows need no closer look.
  const atMost = bets.map((bet) => summed(gains(after, bet, normalCost(bet))).sum);
  if (meanOf(atMost) < evidence) return null;
  const sums = bets.map((bet) => {
    const cost = costOf(bet, deviations, unit);
    return { usual: largestSum(gains(before, bet, cost)), ...summed(gains(after, bet, cost)) };
  });
  const mostUsual = Math.max(...sums.map((one) => one.usual)) / bets.length;
  if (meanOf(sums.map((one) => one.sum)) < Math.max(evidence, beyondUsual * mostUsual)) return null;
  const start = from + sums.reduce((best, one) => (one.sum > best.sum ? one : best)).start;
  return { from: Math.exp(level), to: Math.exp(median(logs.slice(start))), windows: kept.length - start };
}

/** The unit of the reference, and how far each of its logs is from their median. */
function noiseOf(logs: readonly number[]): { readonly unit: number; readonly deviations: readonly number[] } {
  const center = median(logs);
  const deviations = logs.map((log) => log - center);
  const bound = 3 * 1.4826 * median(deviations.map(Math.abs)) || Infinity;
  // A burst counts for at most three robust σ, as in the noise of pairs.
  const bounded = deviations.map((one) => Math.max(-bound, Math.min(bound, one)));
  const squares = bounded.reduce((sum, one) => sum + one * one, 0);
  const products = bounded.slice(1).reduce((sum, one, i) => sum + one * (bounded[i] as number), 0);
  const raw = squares > 0 ? products / squares : 0;
  // The estimate from n values is too low by (1 + 4φ) / n. @see Kendall, Biometrika 41 (1954)
  const phi = Math.max(0, Math.min(mostAutocorrelation, raw + (1 + 4 * raw) / logs.length));
  const sigma = Math.max(smallestSigma, Math.sqrt(squares / (logs.length - 1)));
  return { unit: sigma * Math.sqrt((1 + phi) / (1 - phi)), deviations };
}

/** ψ(λ): a normal value's, or the reference's own where that is larger. */
function costOf(bet: number, deviations: readonly number[], unit: number): number {
  const normal = normalCost(bet);
  const sum = deviations.reduce((total, one) => total + Math.exp(bet * cut(one / unit)), Math.exp(normal));
  return Math.max(normal, Math.log(sum / (deviations.length + 1)));
}

function normalCost(bet: number): number {
  return (bet * bet) / 2;
}

/** The Shiryaev–Roberts sum after the last gain, and the start that gives most of it. */
function summed(gains: readonly number[]): { readonly sum: number; readonly start: number } {
  let [sum, log, start] = [0, 0, 0];
  gains.forEach((gain, i) => {
    if (log <= 0) [log, start] = [0, i];
    log += gain;
    sum = (sum + 1) * Math.exp(gain);
  });
  return { sum, start };
}

/** The largest that the sum has ever been. */
function largestSum(gains: readonly number[]): number {
  let [sum, largest] = [0, 0];
  for (const gain of gains) {
    sum = (sum + 1) * Math.exp(gain);
    largest = Math.max(largest, sum);
  }
  return largest;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function cut(z: number): number {
  return Math.max(-cutOff, Math.min(cutOff, z));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}
