/**
 * One sampled call on its way: the executor fills in the stamps it knows, `finish` turns them into
 * stage times (for `Window.stages`) and, where a span is kept, into `sandbox.call` and its child
 * `sandbox.start`. Stamps are ms on the recorder's clock; workers share its `timeOrigin`, so a
 * worker's `performance.now()` is shifted by the difference of the two origins before it is set.
 */
import type { Outcome } from '../contracts.ts';

export interface CallTrace {
  intendedMs: number;
  dispatchedMs: number;
  /** The worker took the batch up. */
  receivedMs: number;
  /** This call's turn in its batch began; a cold start, if any, is in [begunMs, begunMs + startMs]. */
  begunMs: number;
  startMs: number;
  executedMs: number;
  /** The worker was done with the whole batch. */
  returnedMs: number;
  settledMs: number;
  /** W3C traceparent of the span, to hand to a worker; undefined when no span is kept. */
  readonly traceparent: string | undefined;
  /** Ends the span and counts the stages. Never throws. */
  finish(outcome: Outcome, error?: unknown): void;
}

/** Keys of `Window.stages`, in the order a call passes them. */
export const stageNames = ['queue', 'wake-up', 'batch', 'start', 'execute', 'return'] as const;
