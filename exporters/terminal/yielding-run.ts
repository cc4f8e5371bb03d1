/**
 * The calls that `sandtune tune` hands to a load. A load that only ever waits for microtasks, as of a function
 * that answers at once, would never let timers and signals be heard: once it has had the event loop to itself
 * for a while, a call settles only after a turn of the loop.
 */
import type { Clock, Timers } from '../../src/foundation/clock.ts';

/** Longer than a turn of a loop that has other things to do. */
const aloneMs = 50;

export function yieldingRun<Args extends readonly unknown[], Result>(
  run: (...args: Args) => Promise<Result>,
  clock: Clock,
  timers: Timers,
): (...args: Args) => Promise<Result> {
  let turnedAtMs = clock.now();
  let turn: Promise<void> | null = null;
  const nextTurn = () => {
    turn ??= timers.sleep(0).then(() => {
      turn = null;
      turnedAtMs = clock.now();
    });
    return turn;
  };
  return async (...args) => {
    const next = nextTurn();
    try {
      return await run(...args);
    } finally {
      if (clock.now() - turnedAtMs >= aloneMs) await next;
    }
  };
}
