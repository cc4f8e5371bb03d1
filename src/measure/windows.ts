/** A running executor as a stream of windows, for views and exporters, which change nothing. */
import type { Executor, Window } from '../contracts.ts';
import type { Timers } from '../foundation/clock.ts';
import { checkNumber } from '../foundation/options.ts';

export interface WindowsOptions {
  readonly timers: Timers;
  /** Ends the stream; the window begun by then is dropped. */
  readonly signal?: AbortSignal;
}

/**
 * Yields a window about every `intervalMs`, one after the other without gaps: a consumer that takes
 * its time gets longer windows, never fewer calls. Does not keep the process alive. Breaking out of
 * the loop or aborting `signal` ends the accounting; an abort ends the loop without an error.
 * @param intervalMs above 0
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when `intervalMs` is not a finite number above 0
 */
export function windows(
  executor: Pick<Executor, 'openWindow'>,
  intervalMs: number,
  options: WindowsOptions,
): AsyncIterable<Window> {
  checkNumber('intervalMs', intervalMs, { min: Number.MIN_VALUE });
  return stream(executor, intervalMs, options);
}

async function* stream(
  executor: Pick<Executor, 'openWindow'>,
  intervalMs: number,
  { timers, signal }: WindowsOptions,
): AsyncGenerator<Window, void, void> {
  using open = executor.openWindow();
  while (!signal?.aborted) {
    try {
      await timers.sleep(intervalMs, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) return;
      throw error;
    }
    yield open.cut();
  }
}
