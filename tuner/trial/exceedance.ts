/**
 * Evidence on a fraction of calls (errors, calls above a limit) that may be looked at after every
 * window: a beta-binomial mixture martingale.
 *
 * For any p, ∫ Πf(xᵢ | q)/f(xᵢ | p) dBeta(q) is a martingale under p, so it reaches 1/α with
 * probability ≤ α at any stopping time; the p where it has not are a confidence sequence.
 * @see Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat.
 *   41 (1970), §3. Deviation: calls of a window come in clumps, so counts are divided by a design
 *   effect (between-window variance over the binomial one) first, which makes it approximate.
 *
 * Clusters are those of the service, whichever setting is in force: where the windows beside it show larger ones, as those of the
 * other arm may, an arm is taken to have them too, so that few exceedances, or none, that happened to be spread are not
 * believed to be spread. A plan (plan.ts) counts no clusters: one window of an outage
 * among 20 of a reference (100 of 5,000 calls) would have it ask for 677,000 calls an arm where trials have 150,000, so that a
 * guardrail is refused, or a wider one put in its place, which a trial without an outage judges.
 *
 * Where neither arm has an exceedance the effect is 1, though bad windows come in runs, and n clean ones exclude no share of
 * bad ones below 1 − α^(1/n). To assume clusters of a size that nothing shows was priced at 27 to 53 pairs a trial in place
 * of 14. In its place the hold-back asks for 44 windows of the candidate where errors or latency are guarded (all-calls.ts),
 * passes no guardrail that is broken over all calls, and what did harm there is kept out for long; and for a quarter of
 * an hour more errors are looked for at rest (troubled.ts). Simulated: of commits that gain a tenth and fail a fifth of
 * the calls in one window of 40, 3 of 10 stayed by the hold-back alone, and none since.
 */

/** How many calls of one window exceeded a limit (or failed), and how many there were. */
export interface Exceeded {
  readonly exceeded: number;
  readonly count: number;
}

/**
 * Natural log of the evidence against "the fraction is `fraction`". Whether the fraction is larger or
 * smaller follows from the observed one. The prior has the weight of half an exceedance at `fraction`.
 * @param beside windows of the other arm, which show how large clusters are
 */
export function logFractionEvidence(
  windows: readonly Exceeded[],
  fraction: number,
  beside: readonly Exceeded[] = [],
): number {
  const { exceeded, count } = effective(windows, beside);
  if (count === 0) return 0;
  return mixture(exceeded, count, fraction, fraction);
}

/**
 * The observed fraction and its bounds at level 1 − 2·alpha; without calls the bounds are 0 and 1.
 * @param beside windows of the other arm, which show how large clusters are
 */
export function fractionBounds(
  windows: readonly Exceeded[],
  alpha: number,
  prior: number,
  beside: readonly Exceeded[] = [],
): { readonly estimate: number; readonly low: number; readonly high: number } {
  const { exceeded, count } = effective(windows, beside);
  if (count === 0) return { estimate: 0, low: 0, high: 1 };
  const enough = Math.log(1 / alpha);
  const estimate = exceeded / count;
  const evidence = (p: number) => mixture(exceeded, count, p, prior);
  // Evidence against p grows away from the estimate on either side.
  return {
    estimate,
    low: exceeded === 0 ? 0 : lastAbove(evidence, enough, 0, estimate),
    high: exceeded === count ? 1 : lastAbove(evidence, enough, 1, estimate),
  };
}

/** How many calls without one exceedance would prove that the fraction is below `limit`. */
export function callsNeeded(limit: number, alpha: number): number {
  const enough = Math.log(1 / alpha);
  let count = Math.ceil(enough / limit);
  while (mixture(0, count, limit, limit) < enough) count = Math.ceil(count * 1.05);
  return count;
}

/** The variance between windows over the binomial one, at least 1: how many calls of a clump count as one. */
export function designEffect(windows: readonly Exceeded[]): number {
  const used = windows.filter(({ count }) => count > 0);
  const exceeded = used.reduce((sum, window) => sum + window.exceeded, 0);
  const count = used.reduce((sum, window) => sum + window.count, 0);
  if (used.length < 2 || exceeded === 0 || exceeded === count) return 1;
  const p = exceeded / count;
  const chiSquare = used.reduce((sum, one) => sum + (one.exceeded - one.count * p) ** 2 / (one.count * p * (1 - p)), 0);
  return Math.max(1, chiSquare / (used.length - 1));
}

function effective(windows: readonly Exceeded[], beside: readonly Exceeded[]): Exceeded {
  const deff = Math.max(designEffect(windows), designEffect(beside));
  return {
    exceeded: windows.reduce((sum, window) => sum + window.exceeded, 0) / deff,
    count: windows.reduce((sum, window) => sum + window.count, 0) / deff,
  };
}

/** log [B(a + k, b + n − k) / B(a, b)] − k log p − (n − k) log(1 − p), prior a = 0.5 with mean `prior`. */
function mixture(exceeded: number, count: number, p: number, prior: number): number {
  const a = 0.5;
  const b = (0.5 * (1 - prior)) / prior;
  const ofExceeded = exceeded === 0 ? 0 : exceeded * Math.log(p);
  const ofOthers = count === exceeded ? 0 : (count - exceeded) * Math.log1p(-p);
  return logBeta(a + exceeded, b + count - exceeded) - logBeta(a, b) - ofExceeded - ofOthers;
}

/** The border between `outer`, where the evidence is above `enough`, and `inner`, where it is not. */
function lastAbove(evidence: (p: number) => number, enough: number, outer: number, inner: number): number {
  let above = outer;
  let below = inner;
  for (let turn = 0; turn < 50; turn++) {
    const middle = (above + below) / 2;
    if (evidence(middle) >= enough) above = middle;
    else below = middle;
  }
  return (above + below) / 2;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** log Γ(x), x > 0. @see Lanczos, SIAM J. Numer. Anal. B 1 (1964), with Godfrey's g = 7, n = 9 coefficients */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  let sum = 0.99999999999980993;
  lanczos.forEach((coefficient, i) => {
    sum += coefficient / (shifted + i + 1);
  });
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
