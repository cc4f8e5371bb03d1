/** Measures one window of an executor: discards, then measures until its time and its completions are enough. */
import type { Discarded, Executor, Window } from '../../src/contracts.ts';
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';

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

/** null when `signal` was aborted before the window was complete. */
export async function measureWindow(
  executor: Executor,
  span: WindowSpan,
  timers: Timers,
  clock: Clock,
  signal: AbortSignal,
): Promise<MeasuredWindow | null> {
  using open = executor.openWindow();
  try {
    let discarded: Discarded | null = null;
    if (span.discardMs > 0) {
      await timers.sleep(span.discardMs, { signal });
      const { offered, outcomes } = open.cut();
      discarded = { offered, outcomes };
    }
    const startMs = clock.now();
    await timers.sleep(span.forMs, { signal });
    while (open.settledCount < span.minCompletions && clock.now() - startMs < span.maxMs) {
      await timers.sleep(Math.min(50, span.forMs / 4), { signal });
    }
    const window = open.cut();
    return discarded ? { window, discarded } : { window };
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/**
 * The window as the ledger keeps it: per function only outcomes and latency. Nothing is decided from
 * the other distributions of a single function, and they would double every row.
 */
export function forLedger(window: Window): Window {
  const byFunction = Object.fromEntries(
    Object.entries(window.byFunction).map(([name, { outcomes, latency }]) => [
      name,
      { outcomes, latency, wait: emptyDistribution, service: emptyDistribution, start: emptyDistribution },
    ]),
  );
  return { ...window, byFunction };
}
