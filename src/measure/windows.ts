/** A running executor as a stream of windows, for views and exporters, which change nothing. */
import type { Executor, Window } from '../contracts.ts';
import type { Timers } from '../foundation/clock.ts';
import { isSandtuneError } from '../foundation/errors.ts';
import { longestLimitMs } from '../foundation/limit-options.ts';
import { expected } from '../foundation/options.ts';

export interface WindowsOptions {
  readonly timers: Timers;
  /** Ends the stream; the window begun by then is dropped. */
  readonly signal?: AbortSignal;
}

/**
 * Yields a window about every `intervalMs`, one after the other without gaps: a consumer that takes
 * its time gets longer windows, never fewer calls. Does not keep the process alive. Breaking out of
 * the loop or aborting `signal` ends the accounting; an abort, or the end of the last call of a closed executor, ends the loop without an error.
 * @param intervalMs above 0, at most `longestLimitMs`
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when `intervalMs` is no such number
 */
export function windows(
  executor: Pick<Executor, 'openWindow'>,
  intervalMs: number,
  options: WindowsOptions,
): AsyncIterable<Window> {
  if (!(typeof intervalMs === 'number' && intervalMs > 0 && intervalMs <= longestLimitMs))
    throw expected('intervalMs', `a number above 0, at most ${longestLimitMs}`, intervalMs);
  return stream(executor, intervalMs, options);
}

async function* stream(
  executor: Pick<Executor, 'openWindow'>,
  intervalMs: number,
  { timers, signal }: WindowsOptions,
): AsyncGenerator<Window, void, void> {
  using open = unlessClosed(() => executor.openWindow());
  while (open && !signal?.aborted) {
    try {
      await timers.sleep(intervalMs, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) return;
      throw error;
    }
    const window = unlessClosed(() => open.cut());
    if (window === null) return;
    yield window;
  }
}

function unlessClosed<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch (error) {
    if (isSandtuneError(error) && error.code === 'ERR_SANDTUNE_CLOSED') return null;
    throw error;
  }
}
