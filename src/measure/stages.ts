/**
 * From the stamps of a sampled call to the time it spent in each stage. The stages of a call add up
 * to its latency: a stamp that is missing leaves its stage at 0, one that another thread's clock put
 * out of order is moved to its neighbour.
 */

/** Keys of `Window.stages`, in the order a call passes them. */
export const stageNames = ['queue', 'wake-up', 'batch', 'start', 'execute', 'return'] as const;

/** ms on one clock; NaN where the executor cannot say. `startMs` is a length, all others are moments. */
export interface StageStamps {
  readonly intendedMs: number;
  readonly dispatchedMs: number;
  readonly receivedMs: number;
  readonly begunMs: number;
  readonly startMs: number;
  readonly executedMs: number;
  readonly returnedMs: number;
  readonly settledMs: number;
}

/**
 * Milliseconds in each stage, in the order of `stageNames`.
 *
 *   intended ─queue─ dispatched ─wake-up─ received ─batch─ begun ─start─ ─execute─ executed ─batch─ returned ─return─ settled
 *
 * A call waits for its batch twice: for its turn, and for the rest after it.
 */
export function stageTimes(stamps: StageStamps): readonly number[] {
  const settled = Math.max(stamps.intendedMs, stamps.settledMs);
  // Known stamps are taken in order; an unknown early one is when the stage before it ended …
  const dispatched = between(stamps.intendedMs, stamps.dispatchedMs, settled, stamps.intendedMs);
  const received = between(dispatched, stamps.receivedMs, settled, dispatched);
  const begun = between(received, stamps.begunMs, settled, received);
  // … an unknown late one is when the stage after it began: what is not told apart counts as execution.
  const returned = between(begun, stamps.returnedMs, settled, settled);
  const executed = between(begun, stamps.executedMs, returned, returned);
  const start = between(0, stamps.startMs, executed - begun, 0);
  return [
    dispatched - stamps.intendedMs,
    received - dispatched,
    begun - received + (returned - executed),
    start,
    executed - begun - start,
    settled - returned,
  ];
}

function between(low: number, value: number, high: number, ifUnknown: number): number {
  return Number.isNaN(value) ? ifUnknown : Math.min(high, Math.max(low, value));
}
