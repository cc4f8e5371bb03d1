/**
 * What the host thinks of a call that runs, each millisecond: one beyond its deadline, or given up for too long, is
 * condemned, and its worker ended; behind one that is slow the calls that wait are taken back (stealing.ts).
 */
import { deadlineOf, type GuestCall } from '../call.ts';
import { elapsedMs, ticksOf } from '../protocol.ts';
import type { TransportHost } from '../transport.ts';
import { abandonedGraceMs, type WorkerUnit } from '../worker-unit.ts';
import { callState, swapClaim, wordOf } from './claim.ts';
import type { RingLink } from './ring-link.ts';
import { generationOfId } from './slots.ts';
import type { Stealing } from './stealing.ts';
import { progress } from './worker-memory.ts';

/**
 * How long a call runs before those behind it are given away: less than a tick, since it begins after the
 * tick does that is to see it.
 */
const slowMs = 0.5;
/** So many times what its function usually takes it is in the way of others; where all calls are long none is. */
const slowTimes = 2;

/** What is to be done about the call that runs on a unit. */
export type Overdue = 'nothing' | 'condemned' | 'slow' | 'stuck';

/** Pure. `slow`: what waits behind it goes to workers that have none; `stuck`: to any, and its worker is given no others. */
export function slownessOf(ranMs: number, expectedMs: number): Exclude<Overdue, 'condemned'> {
  if (ranMs < slowMs) return 'nothing';
  return ranMs < slowTimes * expectedMs ? 'slow' : 'stuck';
}

/** A call that is to be ended is condemned by this: it can neither finish nor be followed by another. */
function overdueOn(unit: WorkerUnit, link: RingLink, nowMs: number, sandboxMs: number): [Overdue, GuestCall | null] {
  const { progress: words, claims } = link.memory;
  const slot = Atomics.load(words, progress.current);
  const call = link.slots.contents[slot] ?? null;
  if (call === null || unit.doomed) return ['nothing', null];
  const generation = generationOfId(call.heldAs);
  if (Atomics.load(claims, slot) !== wordOf(generation, callState.running)) return ['nothing', call];
  // Read after the claim: where the worker has gone on meanwhile, this is later, and the call looks younger.
  const ranMs = elapsedMs(Atomics.load(words, progress.startedTicks), ticksOf(nowMs));
  const leftMs = deadlineOf(call, sandboxMs) - ranMs;
  const graceMs = call.abandonedMs < 0 ? leftMs : call.abandonedMs + abandonedGraceMs - nowMs;
  if (Math.min(leftMs, graceMs) > 0) return [slownessOf(ranMs, link.expectedMsOf(slot)), call];
  // It may end in this very moment.
  const isCondemned = swapClaim(claims, slot, generation, callState.running, callState.condemned);
  return [isCondemned ? 'condemned' : 'nothing', call];
}

/** Looks at the call that runs on each unit, and does what is to be done about it. */
export function lookAtRunning(host: TransportHost, stealing: Stealing): void {
  const nowMs = host.clock.now();
  const units = host.units();
  for (let i = 0; i < units.length; i++) {
    const unit = units[i] as WorkerUnit;
    const { link } = unit;
    if (!unit.isBusy || link === null) continue;
    const [overdue, call] = overdueOn(unit, link, nowMs, host.deadlineMs);
    if (overdue === 'condemned' && call !== null) {
      const entered = link.memory.progress[progress.entered] === 1;
      host.failures.overran(call, entered ? 'execute' : 'start');
      host.end(unit);
    } else if (overdue === 'slow' || overdue === 'stuck') {
      stealing.runsOn(link, overdue === 'stuck');
    }
  }
}
