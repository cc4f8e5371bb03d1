/** Measures one window of an executor: discards, then measures until its time and its completions are enough. */
import type { Discarded, Executor, Window } from '../../src/contracts.ts';
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { OpenedWindow } from './opened-window.ts';
import { type Say, warn } from './warn.ts';

export interface WindowSpan {
  readonly discardMs: number;
  readonly forMs: number;
  readonly minCompletions: number;
  /** Longest a window may take when completions do not come. */
  readonly maxMs: number;
}

export interface MeasuredWindow {
  readonly window: Window;
  /** The calls of the discard; absent where nothing was discarded. */
  readonly discarded?: Discarded;
}

/**
 * null when `signal` was aborted before the window was complete.
 * @throws {WindowRefused} when the executor gives a window that cannot be what happened, or none;
 *   {KnobsFailed} when a window and a knob tell of different settings
 */
export async function measureWindow(
  executor: Executor,
  span: WindowSpan,
  timers: Timers,
  clock: Clock,
  signal: AbortSignal,
  say: Say = warn,
): Promise<MeasuredWindow | null> {
  const open = new OpenedWindow(executor, clock, say);
  try {
    let discarded: Discarded | null = null;
    if (span.discardMs > 0) {
      await timers.sleep(span.discardMs, { signal });
      discarded = open.discard();
    }
    const startMs = clock.now();
    await timers.sleep(span.forMs, { signal });
    while (open.settledCount() < span.minCompletions && clock.now() - startMs < span.maxMs) {
      await timers.sleep(Math.min(50, span.forMs / 4), { signal });
    }
    const window = open.cut();
    return discarded ? { window, discarded } : { window };
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    open.end();
  }
}
