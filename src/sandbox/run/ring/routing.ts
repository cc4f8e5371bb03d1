/**
 * Which worker takes the next call, where calls travel in shared memory: one that is awake, until it has about
 * `stickyMs` of work; then one that sleeps; then the one with the least work, while that is less than
 * `mostBacklogMs`. Waking a worker costs more than many a call. One that runs a call which is slow (overdue.ts) gets none.
 */
import type { WorkerUnit } from '../worker-unit.ts';

/** Of arguments that wait with a worker: while it has more, it is given no other calls. */
const mostHeldBytes = 4 * 1024 * 1024;
export const stickyMs = 0.06;
/** … and up to so much while it has answered all it had each time the host looks: the host is what calls wait for. */
const mostStickyMs = 0.5;
/** So much that a worker which runs calls of a millisecond has the next one there when it ends. */
const mostBacklogMs = 2.5;

export interface Routing {
  /** Of the units that are alive so many are looked at. */
  readonly limit: number;
  /** False where a unit that has a call is to be given no other. */
  readonly mayHold: boolean;
  /** How much work a unit may have that is given more: so little that it stays at work, what is usual, or any. */
  readonly holds: 'little' | 'usual' | 'any';
  /** Most calls a unit holds. */
  readonly depth: number;
}

/** How much work one that is awake is given next, ms. @param wasDone true where it had nothing left when the host looked */
export function nextStickyMs(now: number, wasDone: boolean): number {
  return wasDone ? Math.min(2 * Math.max(now, stickyMs), mostStickyMs) : stickyMs;
}

/** O(limit), no allocation. @returns undefined where none can take one */
export function chooseUnit(
  units: readonly WorkerUnit[],
  { limit, mayHold, holds, depth }: Routing,
): WorkerUnit | undefined {
  let idle: WorkerUnit | undefined;
  let least: WorkerUnit | undefined;
  let leastMs = Number.POSITIVE_INFINITY;
  let seen = 0;
  for (let i = 0; i < units.length && seen < limit; i++) {
    const unit = units[i] as WorkerUnit;
    const { link } = unit;
    if (unit.doomed) continue;
    seen++;
    if (link === null) continue;
    if (link.slots.usedCount === 0) {
      idle ??= unit;
    } else if (
      mayHold &&
      link.slots.usedCount < depth &&
      link.heldBytes < mostHeldBytes &&
      !link.isForOne &&
      !link.isStuck
    ) {
      if (link.backlogMs < stickyMs || link.backlogMs < link.stickyMs) return unit;
      if (link.backlogMs < leastMs && (holds === 'any' || (holds === 'usual' && link.backlogMs < mostBacklogMs))) {
        least = unit;
        leastMs = link.backlogMs;
      }
    }
  }
  return idle ?? least;
}
