/**
 * What settings are compared by now. Goodput says nothing of two settings while hardly a call comes back within its
 * limit: it is 0 under both, although one of them may be on the way to the limit. Until it can be judged, what leads
 * there stands in for it, fixed with the reference, before anything is compared.
 *
 *   reference: ok calls within the limit ─┬─ at least one in 20 ──────────────────────────────▶ goodput
 *                                         └─ fewer ─┬─ calls wait in a queue, or for each other ─▶ throughput
 *                                                   └─ open, and served as they come ───────────▶ mean latency
 *
 * A queue that is worked off faster is soon gone, and with it the wait; in a closed loop the latency is the calls in
 * flight over the throughput (Little's law). Where calls are served as they come, the throughput is that of the
 * arrivals, and only a call's own time can fall below the limit. Every new reference asks again, so that goodput decides as
 * soon as there is any. The guardrails are those of the goal.
 * @see Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961)
 */
import type { Goal, Load, Objective, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { inferLoad } from './infer-load.ts';
import { isOverloaded } from './overload.ts';

interface Facts {
  readonly session: { readonly goal: Goal; readonly load: Load | null };
  readonly reference: { readonly windows: readonly Window[] };
}

/** Below this share of good calls a few more or fewer are chance, and so is whether the queue was short for a moment. */
const fewestGood = 0.05;

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

function standIn(facts: Facts): Objective | null {
  const { goal, load: declared } = facts.session;
  const { objective } = goal;
  const { windows } = facts.reference;
  if (objective.metric !== 'goodput' || windows.length === 0) return null;
  if (goodShare(windows, objective.sloMs) >= fewestGood) return null;
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
