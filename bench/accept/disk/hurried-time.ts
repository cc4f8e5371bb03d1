/**
 * A world's time that runs some times as fast as the real one, and not as fast as it can: what waits for a
 * disk waits as long as it really takes, while a session of a minute ends in a moment.
 */
import { type Clock, systemClock, systemTimers, type Timers } from '../../../src/foundation/clock.ts';
import type { Surroundings } from '../../../src/foundation/surroundings.ts';
import type { World } from '../../worlds/world.ts';

/** Node's timers are no finer. A shorter time passes in turns of the event loop. */
const finestMs = 2;

/** @param times world's milliseconds in a real one */
export function hurriedTime(world: Pick<World, 'advance'>, times: number): Surroundings {
  const startMs = systemClock.now();
  let nowMs = 0;
  const worldMs = () => (systemClock.now() - startMs) * times;
  const clock: Clock = { now: () => nowMs, timeOrigin: systemClock.timeOrigin + startMs };
  const timers: Timers = {
    async sleep(ms, options) {
      const dueMs = worldMs() + ms;
      if (ms / times >= finestMs) await systemTimers.sleep(ms / times, options);
      while (worldMs() < dueMs) {
        options?.signal?.throwIfAborted();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      options?.signal?.throwIfAborted();
      const passedMs = worldMs() - nowMs;
      nowMs += passedMs;
      world.advance(passedMs);
    },
  };
  return { clock, timers, environment: {} };
}
