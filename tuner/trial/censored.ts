/**
 * Latency of a stretch of time, from all that is known of its calls: those that came back; those that
 * had not at its end, of which only the age is known (censored); and of those under way at its
 * beginning, that they had lasted so long already (entered late). Leaving the second out favours
 * whatever makes calls slow; taking the third for seen from their start favours the opposite.
 *
 *   done, unfinished (ages at the end), carried (ages at the beginning) ── latencyWith ──▶ one distribution
 *
 * @see Kaplan, Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53
 *   (1958), with delayed entry as in Tsai, Jewell, Wang, Biometrika 74 (1987). Two deviations: what is
 *   left beyond the last call that came back is put at the greatest age, a lower bound; and where
 *   the few seen so young all came back, but older ones follow, one more is taken to be at risk, so
 *   that an early handful cannot decide for all.
 */
import type { Distribution } from '../../src/contracts.ts';
import { nsToMs } from '../../src/foundation/units.ts';

/** So few calls do not decide for those that follow. */
const fewest = 10;

/**
 * Counts are no longer whole; their sum is the number of calls that belong to the stretch (those done,
 * and as many of the unfinished as there are more of them than were carried in). Quantiles, counts
 * and means of the result are those of the estimate (the mean restricted to the greatest age seen).
 * @param carried ages of the same calls as in `done` and `unfinished`, of those under way at the beginning
 */
export function latencyWith(done: Distribution, unfinished: Distribution, carried: Distribution): Distribution {
  if (unfinished.count === 0 && carried.count === 0) return done;
  const total = done.count + Math.max(0, unfinished.count - carried.count);
  if (total === 0) return done;
  const boundsNs: number[] = [];
  const counts: number[] = [];
  let sumMs = 0;
  let surviving = total;
  let leftDone = done.count;
  let leftUnfinished = unfinished.count;
  let notEntered = carried.count;
  const put = (boundNs: number, mass: number) => {
    if (mass <= 0) return;
    if (boundsNs.at(-1) === boundNs) counts[counts.length - 1] = (counts.at(-1) as number) + mass;
    else {
      boundsNs.push(boundNs);
      counts.push(mass);
    }
    sumMs += mass * nsToMs(boundNs);
  };
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < done.counts.length || j < unfinished.counts.length) {
    const here = Math.min(done.boundsNs[i] ?? Infinity, unfinished.boundsNs[j] ?? Infinity);
    // A call that entered late is at risk only at ages above the one it entered with.
    for (; (carried.boundsNs[k] ?? Infinity) < here; k++) notEntered -= carried.counts[k] as number;
    const ended = done.boundsNs[i] === here ? (done.counts[i++] as number) : 0;
    const cut = unfinished.boundsNs[j] === here ? (unfinished.counts[j++] as number) : 0;
    if (ended > 0) {
      const atRisk = Math.max(ended, leftDone + leftUnfinished - notEntered);
      const moreFollow = leftDone > ended || leftUnfinished > cut;
      const decides = atRisk === ended && moreFollow && ended < fewest;
      const mass = (surviving * ended) / (decides ? atRisk + 1 : atRisk);
      put(here, mass);
      surviving -= mass;
    }
    leftDone -= ended;
    leftUnfinished -= cut;
  }
  const unseen = surviving > 1e-9 * total;
  if (unseen) put(Math.max(done.boundsNs.at(-1) ?? 0, unfinished.boundsNs.at(-1) ?? 0), surviving);
  const maxMs = unseen ? Math.max(done.maxMs, unfinished.maxMs) : done.maxMs;
  return { count: total, sumMs, minMs: done.count > 0 ? done.minMs : maxMs, maxMs, boundsNs, counts };
}
