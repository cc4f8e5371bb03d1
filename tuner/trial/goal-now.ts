/**
 * What settings are compared by now. Goodput says nothing of two settings while hardly a call comes back within its
 * limit: it is 0 under both, although one of them may be on the way to the limit. Until it can be judged, what leads
 * there stands in for it, fixed with the reference, before anything is compared.
 *
 *   reference: ok calls within the limit ─┬─ at least one in 20, or 100 in the usual window ──▶ goodput
 *                                         └─ fewer ─┬─ calls wait in a queue, or for each other ─▶ throughput
 *                                                   └─ open, and served as they come ───────────▶ mean latency
 *
 * A hundred calls are as many in the next window but for a tenth, by chance alone; a small share of many calls is no chance,
 * and given up it would be guarded by nobody. Once something stands in it takes twice as many for goodput to decide
 * again: what is near the border would go to and fro, and a search would begin anew each time.
 *
 * A queue that is worked off faster is soon gone, and with it the wait; in a closed loop the latency is the calls in
 * flight over the throughput (Little's law). Where calls are served as they come, the throughput is that of the
 * arrivals, and only a call's own time can fall below the limit. Every new reference asks again, so that goodput decides as
 * soon as there is enough of it. The guardrails are those of the goal.
 * @see Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961)
 */
import type { Goal, Load, Objective, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { inferLoad } from './infer-load.ts';
import { isOverloaded } from './overload.ts';
import { median } from './statistics.ts';

interface Facts {
  readonly session: { readonly goal: Goal; readonly load: Load | null };
  readonly reference: {
    readonly windows: readonly Window[];
    /** Something stood in for the objective by the reference before. */
    readonly stoodIn?: boolean;
  };
}

/** Of fewer good calls, as a share and in a window, a few more or fewer are chance. */
const fewestGood = { share: 0.05, inWindow: 100 } as const;
/** Times as many, once something stands in. */
const again = 2;

/** The goal, with what stands in for an objective that cannot be judged at the reference. */
export function goalNow(facts: Facts): Goal {
  const { goal } = facts.session;
  const objective = standIn(facts);
  return objective === null ? goal : { ...goal, objective };
}

/** What stands in for the objective, and why, in words; null where it is judged itself. */
export function standInText(facts: Facts): string | null {
  const objective = standIn(facts);
  const { objective: asked } = facts.session.goal;
  if (objective === null || asked.metric !== 'goodput') return null;
  const why = `hardly a call comes back within ${durationText(asked.sloMs)}, so that goodput tells no two settings apart`;
  const what = objective.metric === 'mean' ? 'the mean latency' : 'how many are served a second';
  return `${why}: until it does, ${what} decides`;
}

/** What the next reference is told of this one. */
export function isStoodIn(facts: Facts): boolean {
  return standIn(facts) !== null;
}

function standIn(facts: Facts): Objective | null {
  const { goal, load: declared } = facts.session;
  const { objective } = goal;
  const { windows, stoodIn } = facts.reference;
  if (objective.metric !== 'goodput' || windows.length === 0) return null;
  const times = stoodIn ? again : 1;
  if (goodShare(windows, objective.sloMs) >= times * fewestGood.share) return null;
  if (goodInWindow(windows, objective.sloMs) >= times * fewestGood.inWindow) return null;
  const load = declared ?? inferLoad(windows);
  return load === 'closed' || isOverloaded(load, windows)
    ? { metric: 'throughput', direction: 'maximize' }
    : { metric: 'mean', direction: 'minimize' };
}

function goodShare(windows: readonly Window[], sloMs: number): number {
  const count = windows.reduce((sum, { latency }) => sum + latency.count, 0);
  const good = windows.reduce((sum, { latency }) => sum + countAtOrBelow(latency, sloMs), 0);
  // Calls of which nobody knows the latency are no sign that all are late.
  return count === 0 ? 1 : good / count;
}

/** Good calls of the usual window: those that come all at once, as a queue is short for a moment, do not count. */
function goodInWindow(windows: readonly Window[], sloMs: number): number {
  return median(windows.map(({ latency }) => countAtOrBelow(latency, sloMs)));
}
