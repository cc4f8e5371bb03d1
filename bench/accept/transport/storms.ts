/** Calls that are given up by the thousand, at any moment, one by one and all of a signal together. */
import { systemTimers } from '../../../src/foundation/clock.ts';
import type { Disturbed } from './places.ts';

const callsAStorm = 1000;

/** @returns what resolves when its calls have settled */
export async function storm({ sandbox, audit, random }: Omit<Disturbed, 'workers'>): Promise<readonly Promise<void>[]> {
  const together = new AbortController();
  const aborts = Array.from({ length: callsAStorm }, () => (random() < 0.3 ? together : new AbortController()));
  const calls = aborts.map(({ signal }, index) =>
    index % 3 === 0
      ? audit.watch(sandbox.function('guest.length').run([new Uint8Array(100)], { signal }), (value) => value === 100)
      : audit.watch(sandbox.function('guest.pause').run([0.05], { signal }), (value) => typeof value === 'number'),
  );
  for (let at = 0; at < aborts.length; at += 1 + Math.floor(40 * random())) {
    if (random() < 0.3) await systemTimers.sleep(1, { keepAlive: true });
    // Some twice, and some of calls that have long ended.
    aborts[at]?.abort('enough');
    aborts[Math.floor(random() * aborts.length)]?.abort('enough');
  }
  return calls;
}
