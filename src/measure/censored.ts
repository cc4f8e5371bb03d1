/**
 * Latency where some calls had not come back: of those only the age is known, which their latency
 * exceeds. Leaving them out would favour whatever makes calls slow.
 *
 *   done, unfinished (ages) ── withUnfinished ──▶ one distribution over all of them
 *
 * @see Kaplan, Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53
 *   (1958). What is left beyond the last call that came back is put at the greatest age: a lower bound.
 */
import type { Distribution } from '../contracts.ts';
import { nsToMs } from '../foundation/units.ts';

/**
 * Counts are no longer whole, their sum is: done.count + unfinished.count. Quantiles, counts and
 * means of the result are those of the estimate (the mean restricted to the greatest age seen).
 */
export function withUnfinished(done: Distribution, unfinished: Distribution): Distribution {
  if (unfinished.count === 0) return done;
  const all = done.count + unfinished.count;
  const boundsNs: number[] = [];
  const counts: number[] = [];
  let sumMs = done.sumMs;
  let atRisk = all;
  let surviving = all;
  const put = (boundNs: number, mass: number, counted: number) => {
    if (mass <= 0) return;
    boundsNs.push(boundNs);
    counts.push(mass);
    sumMs += (mass - counted) * nsToMs(boundNs);
  };
  let i = 0;
  let j = 0;
  while (i < done.counts.length || j < unfinished.counts.length) {
    const left = done.boundsNs[i] ?? Infinity;
    const right = unfinished.boundsNs[j] ?? Infinity;
    const ended = left <= right ? (done.counts[i++] as number) : 0;
    const cut = right <= left ? (unfinished.counts[j++] as number) : 0;
    // At one age those that came back go first: the others were seen to last as long.
    const mass = ended > 0 ? (surviving * ended) / atRisk : 0;
    put(Math.min(left, right), mass, ended);
    surviving -= mass;
    atRisk -= ended + cut;
  }
  const maxMs = Math.max(done.maxMs, unfinished.maxMs);
  const minMs = done.count === 0 ? unfinished.minMs : done.minMs;
  const lastNs = Math.max(done.boundsNs.at(-1) ?? 0, unfinished.boundsNs.at(-1) ?? 0);
  if (surviving > 1e-9 * all) {
    if (boundsNs.at(-1) === lastNs) {
      counts[counts.length - 1] = (counts.at(-1) as number) + surviving;
      sumMs += surviving * nsToMs(lastNs);
    } else put(lastNs, surviving, 0);
  }
  return { count: all, sumMs, minMs, maxMs, boundsNs, counts };
}
