import { expect, it } from 'vitest';
import type { Timers } from '../../../src/foundation/clock.ts';
import { condemned, ints, notBegun, ticksOf } from '../../../src/sandbox/run/protocol.ts';
import { Watchdog } from '../../../src/sandbox/run/watchdog.ts';

/** A slot with a call at `running` since `sinceMs`, and the time to fire sleeps by hand. */
function bench(deadlineMs: number, calls = 4) {
  let nowMs = 1000;
  const slot = new Int32Array(16);
  const sleeps: { ms: number; wake: () => void }[] = [];
  const overrun: number[] = [];
  const timers: Timers = { sleep: (ms) => new Promise((wake) => sleeps.push({ ms, wake })) };
  const watchdog = new Watchdog({
    deadlineMs,
    clock: { now: () => nowMs, timeOrigin: 0 },
    timers,
    units: () => [{ busySlot: () => slot, batchCalls: calls }],
    overran: (_unit, index) => overrun.push(index),
  });
  return {
    watchdog,
    slot,
    sleeps,
    overrun,
    run: (running: number, sinceMs: number) => {
      slot[ints.running] = running;
      slot[ints.startedTicks] = ticksOf(sinceMs);
    },
    async wakeAt(ms: number) {
      nowMs = ms;
      sleeps.shift()?.wake();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

it('the watchdog condemns the call that overran and says which', async () => {
  const { watchdog, run, wakeAt, slot, overrun } = bench(50);
  run(2, 1000);
  watchdog.watch();
  await wakeAt(1050);
  expect(overrun).toEqual([2]);
  expect(slot[ints.running]).toBe(condemned(2));
});

it('the watchdog sleeps until the running call is due, with one timer however often watch() is called', async () => {
  const { watchdog, run, wakeAt, sleeps, overrun } = bench(50);
  run(0, 1000);
  watchdog.watch();
  watchdog.watch();
  expect(sleeps.map(({ ms }) => ms)).toEqual([50]);
  run(1, 1040);
  await wakeAt(1050);
  expect(overrun).toEqual([]);
  expect(sleeps.map(({ ms }) => ms)).toEqual([40]);
});

it('the watchdog condemns no call of a batch that has not begun or is all done', async () => {
  for (const running of [notBegun, 4]) {
    const { watchdog, run, wakeAt, overrun } = bench(50);
    run(running, 1000);
    watchdog.watch();
    await wakeAt(9000);
    expect(overrun).toEqual([]);
  }
});

it('the watchdog works across the wrap of its 32-bit time', async () => {
  const wrapMs = 2 ** 31 / 16;
  const { watchdog, run, wakeAt, overrun } = bench(50);
  run(1, wrapMs - 10);
  watchdog.watch();
  await wakeAt(wrapMs + 30);
  expect(overrun).toEqual([]);
  await wakeAt(wrapMs + 41);
  expect(overrun).toEqual([1]);
});

it('the watchdog sets no timer without a deadline', () => {
  const { watchdog, sleeps } = bench(Infinity);
  watchdog.watch();
  expect(sleeps).toEqual([]);
});

it('a stopped watchdog leaves no sleep behind', async () => {
  const ended = Promise.withResolvers<void>();
  const watchdog = new Watchdog({
    deadlineMs: 60_000,
    clock: { now: () => 0, timeOrigin: 0 },
    timers: {
      sleep: (_ms, { signal } = {}) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            ended.resolve();
            reject(signal.reason);
          });
        }),
    },
    units: () => [],
    overran: () => {},
  });
  watchdog.watch();
  watchdog.stop();
  await ended.promise;
});
