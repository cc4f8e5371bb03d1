/**
 * A closed loop over one arm: each call that returns is replaced at once, and every result is checked,
 * so that no arm can win by not doing the work.
 */
import { quantileSorted } from 'simple-statistics';
import { systemClock } from '../../src/foundation/clock.ts';
import type { Numbers } from '../compare.ts';
import { expectedWork } from './guest.ts';

export interface ClosedLoop {
  /** Loop turns of the guest. */
  readonly turns: number;
  readonly inFlight: number;
  /** One call in so many is timed: reading the clock twice a call would be most of what a tiny one costs. */
  readonly timedEvery: number;
}

/** @throws when a result is wrong */
export async function runLoad(
  call: (turns: number) => Promise<number>,
  { turns, inFlight, timedEvery }: ClosedLoop,
  forMs: number,
): Promise<Numbers> {
  const expected = expectedWork(turns);
  const startMs = systemClock.now();
  const endMs = startMs + forMs;
  const timesMs: number[] = [];
  let done = 0;
  let untilTimed = 0;
  const loop = async () => {
    // Once at least: on a busy machine a window may be over before it has begun.
    do {
      const timed = --untilTimed < 0;
      if (timed) untilTimed = timedEvery - 1;
      const calledMs = timed ? systemClock.now() : 0;
      const got = await call(turns);
      if (timed) timesMs.push(systemClock.now() - calledMs);
      if (got !== expected) throw new Error(`expected ${expected}, got ${got}`);
      done++;
    } while (systemClock.now() < endMs);
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  const elapsedMs = systemClock.now() - startMs;
  timesMs.sort((a, b) => a - b);
  return {
    'calls-per-s': (1000 * done) / elapsedMs,
    'ns-per-call': (1e6 * elapsedMs) / done,
    'p50-us': 1000 * quantileSorted(timesMs, 0.5),
    'p99-us': 1000 * quantileSorted(timesMs, 0.99),
  };
}
