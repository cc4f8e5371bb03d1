/**
 * The one test of the project: an e-value for "the effect is greater (less) than δ₀", and the
 * interval that is its inversion.
 *
 *   d₁ … dₙ (log ratios of pairs, + is better) ── logEValue ──▶ evidence at δ₀
 *                                              └─ interval ───▶ every δ₀ not rejected
 *
 * We own the coin that orders each pair, so given |dᵢ − δ₀| the sign of dᵢ − δ₀ is fair under the
 * null, whatever the noise or its autocorrelation. A bet 1 + c·tanh(λx) on an odd, bounded function
 * of x = d − δ₀ is then worth 1 on average, a product of bets is a non-negative martingale, and so
 * is a mixture over fixed (λ, c). By Ville's inequality it reaches 1/α with probability ≤ α at any
 * stopping time: one may look after every pair.
 * @see Ramdas, Ruf, Larsson, Koolen, "Admissible anytime-valid sequential inference must rely on
 *   nonnegative martingales", arXiv 2009.03167. With c = 1 the bet is exp(λx)/cosh(λx). Deviation:
 *   part of the mixture has c < 1, so that one pair hit by a burst costs a factor 1 − c and not all
 *   the evidence (simulated, a tenth of the pairs hit: +5 % found in 99 % instead of 73 %).
 *
 * Each side is tested at α on its own (one-sided): "better" and "worse" are two questions with two
 * consequences, and each must keep its own error rate. The interval therefore has level 1 − 2α, its
 * low end is above 0 exactly when "better than 0" is proven at α, its high end is below δ₀ exactly
 * when "worse than δ₀" is.
 */
import type { Interval } from '../../src/contracts.ts';

/** The hypothesis wanted: the effect is greater (less) than δ₀. */
export type Side = 'greater' | 'less';

/** Bounds in units of d; −Infinity and Infinity where nothing is rejected yet. */
export interface LogInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** `high` of an interval that has no upper end yet (a JSON number, unlike Infinity). Its low end is −1. */
export const unboundedHigh = 1e6;

/** Scales of the bet in units of 1/σ_d: chosen for power at effects of 0.3 to 3 σ_d. */
const scales = [0.4, 0.8, 1.6] as const;
/** Sizes of the bet with their weights: 0.7·2⁷ + 0.3·1.8⁷ = 108, so seven pairs can reject at 0.01. */
const sizes = [
  { size: 1, weight: 0.7 },
  { size: 0.8, weight: 0.3 },
] as const;
const logWeights = sizes.map(({ weight }) => Math.log(weight / scales.length));
/** The smallest σ_d that is used, since timers and histograms are coarser than that. */
const smallestSigma = 1e-5;

/** The martingale's components, which plan.ts needs to predict its growth. Weights sum to 1. */
export const bets: readonly { readonly scale: number; readonly size: number; readonly weight: number }[] =
  scales.flatMap((scale) => sizes.map(({ size, weight }) => ({ scale, size, weight: weight / scales.length })));

/**
 * Natural log of the e-value for "effect > δ₀" (or <). It is monotone in δ₀, finite for any finite d, and O(n).
 * @param d one number a pair, + is better
 * @param sigmaD σ of d, known before the first pair (any value is valid, a wrong one costs power)
 */
export function logEValue(d: readonly number[], delta0: number, sigmaD: number, side: Side): number {
  const bets = new Bets(sigmaD, side);
  for (const one of d) bets.bet(one - delta0);
  return bets.logE;
}

/** `logEValue` after each of the pairs, computed in one pass, for views that draw how the evidence grows. O(n). */
export function logEValues(d: readonly number[], delta0: number, sigmaD: number, side: Side): number[] {
  const bets = new Bets(sigmaD, side);
  return d.map((one) => {
    bets.bet(one - delta0);
    return bets.logE;
  });
}

/** A product is moved into its log before it leaves this range: one more bet of at least `leastBet` is still a normal number. */
const products = { least: 1e-150, most: 1e150 } as const;
/** A smaller bet is counted by its log at once. */
const leastBet = 1e-100;

/**
 * What each component of the mixture is worth, in one pass over the pairs. Every proof and each end of an interval is
 * made of such passes, so that products are formed and their logs are taken once: one exponential a pair and scale.
 */
class Bets {
  readonly #factors: readonly number[];
  /** Of each component, by scale, the full size first; what is not in it yet is in `#products`. */
  readonly #logs: number[] = scales.flatMap(() => logWeights);
  readonly #products: number[] = scales.flatMap(() => sizes.map(() => 1));

  constructor(sigmaD: number, side: Side) {
    const sign = side === 'greater' ? 1 : -1;
    const sigma = usable(sigmaD);
    this.#factors = scales.map((scale) => (sign * scale) / sigma);
  }

  bet(x: number): void {
    for (let i = 0; i < scales.length; i++) {
      const y = (this.#factors[i] as number) * x;
      const e = Math.exp(-2 * Math.abs(y));
      const tanh = y >= 0 ? (1 - e) / (1 + e) : (e - 1) / (1 + e);
      // 1 + tanh y = 2 / (1 + exp(−2y)), without overflow; where nearly all is lost its log is 2y.
      const isLost = y < 0 && e < leastBet;
      if (isLost) this.#logs[2 * i] = (this.#logs[2 * i] as number) + Math.LN2 + 2 * y;
      else this.#multiply(2 * i, (y >= 0 ? 2 : 2 * e) / (1 + e));
      this.#multiply(2 * i + 1, 1 + sizes[1].size * tanh);
    }
  }

  get logE(): number {
    return logSumExp(this.#logs.map((log, i) => log + Math.log(this.#products[i] as number)));
  }

  #multiply(i: number, by: number): void {
    const product = (this.#products[i] as number) * by;
    const isFar = product < products.least || product > products.most;
    this.#products[i] = isFar ? 1 : product;
    if (isFar) this.#logs[i] = (this.#logs[i] as number) + Math.log(product);
  }
}

/**
 * All δ₀ not rejected at `alpha`, each side on its own: level 1 − 2·alpha. The estimate is the δ₀
 * with as much evidence above it as below.
 * @param d one number a pair
 */
export function logInterval(d: readonly number[], sigmaD: number, alpha: number): LogInterval {
  if (d.length === 0) return { estimate: 0, low: -Infinity, high: Infinity };
  const smallest = Math.min(...d);
  const largest = Math.max(...d);
  const balance = (delta0: number) => logEValue(d, delta0, sigmaD, 'greater') - logEValue(d, delta0, sigmaD, 'less');
  const middle = root(balance, smallest, largest);
  const estimate = (middle.left + middle.right) / 2;
  const enough = Math.log(1 / alpha);
  if (mostLogE(d.length) <= enough) return { estimate, low: -Infinity, high: Infinity };
  const below = (delta0: number) => logEValue(d, delta0, sigmaD, 'greater') - enough;
  const above = (delta0: number) => logEValue(d, delta0, sigmaD, 'less') - enough;
  // Of the last bracket the end that is not rejected is taken, so that an effect which
  // `isProven` calls proven lies outside the interval in spite of rounding.
  const low = root(below, estimate - stepsTo((step) => below(estimate - step) > 0, sigmaD), estimate).right;
  const high = root((x) => -above(x), estimate, estimate + stepsTo((step) => above(estimate + step) > 0, sigmaD)).left;
  // Where mean and bulk of d disagree, both sides may reject the estimate. The interval then ends there.
  return { estimate, low: Math.min(low, estimate), high: Math.max(high, estimate) };
}

/** The fewest pairs of which an interval at `alpha` has ends. Fewer cannot prove anything, whatever they show. */
export function fewestPairs(alpha: number): number {
  if (!(alpha > 0)) return Infinity;
  let pairs = 1;
  while (mostLogE(pairs) <= Math.log(1 / alpha)) pairs++;
  return pairs;
}

/** Natural log of the most evidence that so many pairs can give, with all bets won. */
function mostLogE(pairs: number): number {
  return logSumExp(sizes.map(({ size, weight }) => Math.log(weight) + pairs * Math.log1p(size)));
}

/** `logInterval` as relative change: fractions, low ≥ −1, high ≤ `unboundedHigh`. */
export function interval(d: readonly number[], sigmaD: number, alpha: number): Interval {
  const { estimate, low, high } = logInterval(d, sigmaD, alpha);
  return {
    estimate: fractionOf(estimate),
    low: fractionOf(low),
    high: fractionOf(high),
    level: 1 - 2 * alpha,
  };
}

/** Relative change of a log ratio, kept within what JSON can hold. */
export function fractionOf(log: number): number {
  return Math.min(unboundedHigh, Math.expm1(log));
}

/** True when the evidence at δ₀ reaches 1/alpha and the other side has no more of it (see `logInterval`). */
export function isProven(d: readonly number[], delta0: number, sigmaD: number, side: Side, alpha: number): boolean {
  const evidence = logEValue(d, delta0, sigmaD, side);
  if (evidence < Math.log(1 / alpha)) return false;
  return evidence >= logEValue(d, delta0, sigmaD, side === 'greater' ? 'less' : 'greater');
}

export function logSumExp(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - largest);
  return largest + Math.log(sum);
}

/** The first distance, doubled from σ_d, at which `isFarEnough` holds. It always ends: far enough out all bets are won. */
function stepsTo(isFarEnough: (step: number) => boolean, sigmaD: number): number {
  let step = usable(sigmaD);
  for (let turn = 0; turn < 60 && !isFarEnough(step); turn++) step *= 2;
  return step;
}

/** σ_d itself, at least `smallestSigma`; 1 in place of what is not a number, because the test is valid with any σ. */
function usable(sigmaD: number): number {
  return Number.isFinite(sigmaD) ? Math.max(smallestSigma, sigmaD) : 1;
}

/** The ends of a tiny bracket round the zero of a decreasing function in [from, to]: false position (Illinois) with bisection as a net. */
function root(
  decreasing: (x: number) => number,
  from: number,
  to: number,
): { readonly left: number; readonly right: number } {
  let left = from;
  let right = to;
  let atLeft = decreasing(left);
  let atRight = decreasing(right);
  if (atLeft <= 0) return { left, right: left };
  if (atRight >= 0) return { left: right, right };
  const close = 1e-10 + 1e-6 * (right - left);
  for (let turn = 0; turn < 100 && right - left > close; turn++) {
    const straight = right - (atRight * (right - left)) / (atRight - atLeft);
    const x = turn % 3 < 2 && straight > left && straight < right ? straight : (left + right) / 2;
    const value = decreasing(x);
    if (value === 0) return { left: x, right: x };
    if (value > 0) {
      left = x;
      atLeft = value;
      atRight /= 2;
    } else {
      right = x;
      atRight = value;
      atLeft /= 2;
    }
  }
  return { left, right };
}
