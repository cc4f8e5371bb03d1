/**
 * From the stamps of a sampled call to the time it spent in each stage. The stages of a call add up
 * to its latency: a stamp that is missing leaves its stage at 0, one that another thread's clock put
 * out of order is moved to its neighbour.
 */

/** Keys of `Window.stages`, in the order a call passes them. */
export const stageNames = ['queue', 'wake-up', 'batch', 'start', 'execute', 'return'] as const;

/** ms on one clock; NaN where nobody can say. `coldStartMs` is a length, all others are moments. */
export interface StageStamps {
  readonly intendedMs: number;
  readonly dispatchedMs: number;
  readonly receivedMs: number;
  readonly beganMs: number;
  readonly coldStartMs: number;
  readonly endedMs: number;
  readonly returnedMs: number;
  readonly settledMs: number;
}

/**
 * Milliseconds in each stage, in the order of `stageNames`.
 *
 *   intended ─queue─ dispatched ─wake-up─ received ─batch─ began ─start─ ─execute─ ended ─batch─ returned ─return─ settled
 *
 * A call waits for its batch twice: for its turn, and for the rest after it.
 */
export function stageTimes(stamps: StageStamps): readonly number[] {
  const settled = Math.max(stamps.intendedMs, stamps.settledMs);
  // Known stamps are taken in order; an unknown early one is when the stage before it ended …
  const dispatched = between(stamps.intendedMs, stamps.dispatchedMs, settled, stamps.intendedMs);
  const received = between(dispatched, stamps.receivedMs, settled, dispatched);
  const began = between(received, stamps.beganMs, settled, received);
  // … an unknown late one is when the stage after it began: what is not told apart counts as execution.
  const returned = between(began, stamps.returnedMs, settled, settled);
  const ended = between(began, stamps.endedMs, returned, returned);
  const start = between(0, stamps.coldStartMs, ended - began, 0);
  return [
    dispatched - stamps.intendedMs,
    received - dispatched,
    began - received + (returned - ended),
    start,
    ended - began - start,
    settled - returned,
  ];
}

function between(low: number, value: number, high: number, ifUnknown: number): number {
  return Number.isNaN(value) ? ifUnknown : Math.min(high, Math.max(low, value));
}
