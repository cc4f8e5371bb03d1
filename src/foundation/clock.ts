/**
 * Time as something handed in. Pure modules take times as arguments; shells take a Clock and
 * Timers; only this file touches the real ones.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds (float): `now()` since `timeOrigin`, which is Unix time. The global `performance` is one. */
export type Clock = Pick<Performance, 'now' | 'timeOrigin'>;

export interface Timers {
  /**
   * Resolves after `ms`. Keeps the process alive only when `keepAlive` is set.
   * @throws the signal's reason when it is aborted first
   */
  sleep(ms: number, options?: { readonly signal?: AbortSignal; readonly keepAlive?: boolean }): Promise<void>;
}

export const systemClock: Clock = performance;

export const systemTimers: Timers = {
  async sleep(ms, { signal, keepAlive = false } = {}) {
    try {
      await sleep(ms, undefined, { ref: keepAlive, ...(signal && { signal }) });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** Unix time in milliseconds, for rows people read. */
export function wallMs(clock: Clock): number {
  return clock.timeOrigin + clock.now();
}
