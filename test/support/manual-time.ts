/** Time that passes only when somebody sleeps: a clock and timers for whole runs in no time. */
import type { Clock, Timers } from '../../src/foundation/clock.ts';

export interface ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  advance(ms: number): void;
}

export function manualTime(startMs = 1000): ManualTime {
  let nowMs = startMs;
  return {
    clock: { now: () => nowMs, timeOrigin: 1_700_000_000_000 },
    timers: {
      async sleep(ms, { signal } = {}) {
        // A turn of the event loop, so that whoever watches can speak up between two sleeps.
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (signal?.aborted) throw signal.reason;
        nowMs += ms;
      },
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
