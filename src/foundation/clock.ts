/**
 * Time as something handed in. Pure modules take times as arguments; shells take a Clock and
 * Timers; only this file touches the real ones.
 *
 * Lengths are measured by `now()`, which only goes forward. Moments that people read are Unix time,
 * which an operator, NTP or a machine that wakes up may step: it is `timeOrigin + now()`, where
 * `timeOrigin` is read when the moment is named, and not kept.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds (float). The global `performance` is one too, but its `timeOrigin` knows of no step since the process began. */
export interface Clock {
  /** Only goes forward. */
  now(): number;
  /** The Unix time at which `now()` was 0, as the system's clock has it when this is read. */
  readonly timeOrigin: number;
}

export interface Timers {
  /**
   * Resolves after `ms`. Keeps the process alive only when `keepAlive` is set.
   * @throws the signal's reason when it is aborted first
   */
  sleep(ms: number, options?: { readonly signal?: AbortSignal; readonly keepAlive?: boolean }): Promise<void>;
}

/** Differences up to this are the readings' own, so that times of one stretch stay comparable to the microsecond. */
const toleranceMs = 5;

/**
 * `performance`, with a `timeOrigin` that follows the steps of the system's clock.
 * @param unixMs as `Date.now`: whole milliseconds, rounded down
 */
export function followingClock(performance: Clock, unixMs: () => number): Clock {
  let { timeOrigin } = performance;
  return {
    now: performance.now.bind(performance),
    get timeOrigin() {
      const before = performance.now();
      const unix = unixMs();
      const after = performance.now();
      // A thread that was held up between two readings must not be taken for a step.
      const [earliest, latest] = [unix - after, unix + 1 - before];
      const isStep = timeOrigin < earliest - toleranceMs || timeOrigin > latest + toleranceMs;
      if (isStep) timeOrigin = (earliest + latest) / 2;
      return timeOrigin;
    },
  };
}

export const systemClock: Clock = followingClock(performance, () => Date.now());

/** A timer of Node's that is longer than this ends at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  async sleep(ms, { signal, keepAlive = false } = {}) {
    const options = { ref: keepAlive, ...(signal && { signal }) };
    try {
      let left = ms;
      for (; left > longestTimerMs; left -= longestTimerMs) await sleep(longestTimerMs, undefined, options);
      await sleep(left, undefined, options);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** Unix time in milliseconds, for rows people read. How long something took is not to be read from two of these. */
export function wallMs(clock: Clock): number {
  return clock.timeOrigin + clock.now();
}
