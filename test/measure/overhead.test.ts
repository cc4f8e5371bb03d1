import { describe, expect, it } from 'vitest';
import type { Interval } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { measureOverhead } from '../../src/measure/overhead.ts';
import { mean } from '../../tuner/trial/statistics.ts';
import { bench } from './support.ts';

/** Mean and range of the relative change: enough to see what was handed over. */
function spread(d: readonly number[]): Interval {
  const change = (log: number) => Math.expm1(log);
  return { estimate: change(mean([...d])), low: change(Math.min(...d)), high: change(Math.max(...d)), level: 1 };
}

/** An executor under load whose calls take `onMs` with recording and `offMs` without. */
function loaded(onMs: number, offMs: number) {
  const room = bench();
  const flips: boolean[] = [];
  const timers = {
    async sleep(ms: number) {
      flips.push(room.recorder.books.recording);
      const untilMs = room.time.clock.now() + ms;
      for (;;) {
        const latencyMs = room.recorder.books.recording ? onMs : offMs;
        if (room.time.clock.now() + latencyMs > untilMs) break;
        room.call('f', latencyMs);
      }
      room.time.advance(untilMs - room.time.clock.now());
    },
  };
  const executor = { openWindow: () => room.recorder.openWindow() };
  room.recorder.belongsTo(executor);
  return { room, timers, flips, executor };
}

describe('measureOverhead', () => {
  it('the measured overhead is the fraction of throughput that recording costs', async () => {
    const { executor, timers } = loaded(1, 0.8);
    const overhead = await measureOverhead(executor, { timers, random: randomStream(1), interval: spread, pairs: 6 });
    expect(overhead?.pairs).toBe(6);
    // 1000 calls a second with, 1250 without: 20 % lost.
    expect(overhead?.fraction.estimate).toBeCloseTo(0.2, 2);
  });

  it('the bounds of the effect become bounds of the measured overhead', async () => {
    const { executor, timers } = loaded(1, 1);
    const interval = () => ({ estimate: -0.2, low: -0.3, high: 0.1, level: 0.99 });
    const overhead = await measureOverhead(executor, { timers, random: randomStream(1), interval, pairs: 1 });
    expect(overhead?.fraction).toEqual({ estimate: 0.2, low: -0.1, high: 0.3, level: 0.99 });
  });

  it('measureOverhead tosses a coin for the order of each pair', async () => {
    const { executor, timers, flips } = loaded(1, 1);
    const heads = [0.2, 0.7, 0.1];
    await measureOverhead(executor, { timers, random: () => heads.shift() as number, interval: spread, pairs: 3 });
    // Two sleeps a window: discard and window.
    expect(flips.filter((_, i) => i % 2 === 1)).toEqual([true, false, false, true, true, false]);
  });

  it('measureOverhead goes on with a window until it has calls enough', async () => {
    const { executor, timers, flips } = loaded(20, 20);
    const options = { timers, random: () => 0, interval: spread, pairs: 1, windowMs: 250 };
    await measureOverhead(executor, options);
    // 12 calls in 250 ms: five parts make more than 50.
    expect(flips).toHaveLength(2 * (1 + 5));
  });

  it('measureOverhead gives null without load', async () => {
    const { executor, timers } = loaded(1e9, 1e9);
    expect(await measureOverhead(executor, { timers, random: () => 0, interval: spread, pairs: 2 })).toBeNull();
  });

  it('measureOverhead leaves recording as it was found, also when stopped; pairs measured by then count', async () => {
    for (const before of [true, false]) {
      const { executor, timers, room } = loaded(1, 1);
      room.recorder.books.recording = before;
      const stop = new AbortController();
      let sleeps = 0;
      const stopping = {
        async sleep(ms: number) {
          if (++sleeps === 7) stop.abort(new Error('enough'));
          stop.signal.throwIfAborted();
          await timers.sleep(ms);
        },
      };
      const options = { timers: stopping, random: () => 0, interval: spread, signal: stop.signal };
      expect(await measureOverhead(executor, options)).toMatchObject({ pairs: 1 });
      expect(room.recorder.books.recording).toBe(before);
    }
  });
});
