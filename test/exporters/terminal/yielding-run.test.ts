import { expect, it } from 'vitest';
import { yieldingRun } from '../../../exporters/terminal/yielding-run.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';

/** A clock that goes on by a millisecond whenever it is looked at. */
function looked() {
  let nowMs = 0;
  return { now: () => ++nowMs, timeOrigin: 0 };
}

it('a load that waits for nothing but calls that answer at once leaves timers their turn', async () => {
  let isHeard = false;
  setTimeout(() => {
    isHeard = true;
  }, 0);
  const run = yieldingRun(async (value: number) => value, looked(), systemTimers);
  for (let calls = 0; calls < 100_000 && !isHeard; calls++) expect(await run(calls)).toBe(calls);
  expect(isHeard).toBe(true);
});

it('a call that fails fails as it did, also where a turn of the loop is waited for', async () => {
  const failure = new Error('of the call');
  const run = yieldingRun(async () => Promise.reject(failure), looked(), systemTimers);
  for (let calls = 0; calls < 200; calls++) await expect(run()).rejects.toBe(failure);
});
