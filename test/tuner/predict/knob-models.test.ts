import { describe, expect, it } from 'vitest';
import type { CacheUse, Seen, Window } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { missesAt } from '../../../tuner/predict/cache.ts';
import { explain, predict } from '../../../tuner/predict/index.ts';
import { distribution, emptyWindow } from './plant.ts';
import { knob, ok, seenWith } from './seen.ts';

const random = randomStream(1);

describe('the cache model', () => {
  const capacity = knob('moduleCacheCapacity', { unit: 'modules', cost: 'per-unit' });

  /** A loop over `distinct` modules, most of a worker's time spent on misses of `missMs`. */
  function windowsAt(size: number, distinct: number, missMs: number): readonly Window[] {
    const rankCounts = Array.from({ length: distinct }, (_, rank) =>
      rank < 4 ? 150 : 400 / Math.max(1, distinct - 4),
    );
    const whole = missesOf(rankCounts, size);
    const missTime = whole * missMs;
    const cache: CacheUse = { hits: 1000 - whole, misses: whole, rankCounts, coldCount: 0, missMs: missTime };
    const busy = 0.1 * 1000 + missTime;
    return Array.from({ length: 6 }, () =>
      emptyWindow({
        settings: { moduleCacheCapacity: size, threads: 1 },
        endMs: busy,
        offered: 1000,
        outcomes: ok,
        backlogAtStart: 64,
        backlogAtEnd: 64,
        cache,
        work: { batches: 1000, batchedCalls: 1000, batchMs: busy, executeMs: busy, busyFraction: 1, workerStarts: 0 },
        cpuMs: busy * 1.05,
        workerCpuMs: busy,
        latency: distribution([[busy / 15, 1000]]),
      }),
    );
  }
  const missesOf = (rankCounts: readonly number[], size: number) =>
    rankCounts.slice(size).reduce((sum, count) => sum + count, 0);
  const seenAt = (size: number, distinct: number, missMs: number) =>
    seenWith([capacity], { moduleCacheCapacity: size, threads: 1 }, windowsAt(size, distinct, missMs));

  it('reads misses at any capacity from the ranks', () => {
    const use = { hits: 0, misses: 0, rankCounts: [5, 3, 2], coldCount: 1, missMs: 0 };
    expect([0, 1, 2, 3, 9].map((size) => missesAt(use, size))).toEqual([11, 6, 3, 1, 1]);
  });

  it('proposes the knee and a tenth where misses are dear, with about the right gain', () => {
    const answer = predict(seenAt(8, 40, 1), random);
    expect(answer).toMatchObject({ model: 'cache', settings: { moduleCacheCapacity: 44 } });
    if (!('gain' in answer)) throw new Error('expected a proposal');
    // 356 misses of 1 ms beside 100 ms of work go away.
    const gain = (100 + 400 * (32 / 36)) / 100 - 1;
    expect(answer.gain.low).toBeLessThan(gain);
    expect(answer.gain.high).toBeGreaterThan(gain);
    expect(answer.because).toMatch(/% of \d+ references missed/);
  });

  it('leaves the cache alone where misses are cheap', () => {
    expect(predict(seenAt(8, 40, 0.001), random)).not.toMatchObject({ model: 'cache' });
  });

  it('offers a smaller cache where the working set is far below it', () => {
    expect(predict(seenAt(1024, 40, 1), random)).toMatchObject({
      model: 'cache-cheaper',
      settings: { moduleCacheCapacity: 44 },
    });
  });

  it('says it is not identifiable when the ranks do not explain the misses', () => {
    const seen = seenAt(8, 40, 1);
    const windows = seen.windows.map((window) => ({
      ...window,
      cache: { ...(window.cache as CacheUse), hits: 100, misses: 900 },
    }));
    const [view] = explain({ ...seen, windows });
    expect(view).toMatchObject({ identifiable: false, because: expect.stringContaining('not one LRU') });
  });
});

describe('the concurrency model', () => {
  const concurrency = knob('concurrency', { domain: { min: 1, max: 256, scale: 'log', integer: true } });
  const rate = (width: number) => (100 * width) / (1 + 0.02 * (width - 1) + 0.0005 * width * (width - 1));

  function windowsAt(width: number, count: number, seed = 1): readonly Window[] {
    const noise = randomStream(seed, `${width}`);
    return Array.from({ length: count }, () => {
      const calls = Math.round(rate(width) * Math.exp(0.03 * gaussian(noise)));
      const latencyMs = (256 / rate(width)) * 1000;
      const serviceMs = (width / rate(width)) * 1000;
      return emptyWindow({
        settings: { concurrency: width },
        endMs: 1000,
        offered: calls,
        outcomes: { ...ok, ok: calls },
        backlogAtStart: 256,
        backlogAtEnd: 256,
        latency: distribution([[latencyMs, calls]]),
        wait: distribution([[latencyMs - serviceMs, calls]]),
        work: {
          batches: calls,
          batchedCalls: calls,
          batchMs: calls * serviceMs,
          executeMs: calls * serviceMs,
          busyFraction: 1,
          workerStarts: 0,
        },
        cpuMs: 100,
        workerCpuMs: 100,
      });
    });
  }

  it('asks for a probe at twice the width before it says anything', () => {
    const answer = predict(seenWith([concurrency], { concurrency: 4 }, windowsAt(4, 10)), random);
    expect(answer).toEqual({ probe: { concurrency: 8 }, learns: expect.stringContaining('only 4 was seen') });
  });

  it('climbs close to the optimum of a scalability law in a few accepted steps, and then stops', () => {
    const best = Math.max(...[1, 2, 4, 8, 16, 32, 64, 128, 256].map(rate));
    const fractions = Array.from({ length: 20 }, (_, seed) => {
      let [width, windows] = [4, windowsAt(4, 10, seed)];
      for (let round = 0; round < 10; round++) {
        const answer = predict(seenWith([concurrency], { concurrency: width }, windows), random);
        if ('none' in answer) break;
        const next = Number(('probe' in answer ? answer.probe : answer.settings)['concurrency']);
        windows = [...windows, ...windowsAt(next, 'probe' in answer ? 3 : 8, seed + round)];
        if ('gain' in answer && rate(next) > rate(width)) width = next;
      }
      return rate(width) / best;
    });
    expect(fractions.filter((fraction) => fraction > 0.9).length).toBeGreaterThanOrEqual(18);
  });

  it('does not ask for more where what there is goes unused', () => {
    const idle = windowsAt(4, 10).map((window) => ({
      ...window,
      wait: distribution([[0.001, 100]]),
      latency: distribution([[2, 100]]),
    }));
    expect(predict(seenWith([concurrency], { concurrency: 4 }, idle, { load: 'open' }), random)).toEqual({
      none: expect.stringContaining('not what calls wait for'),
    });
  });
});

describe('batches of a wrapped function', () => {
  const batchSize = knob('batchSize');
  const settings = { concurrency: 2, batchSize: 1 };
  const windows = (size: number, perBatch: number, perCall: number) =>
    Array.from({ length: 6 }, () => {
      const batchMs = perBatch + perCall * size;
      const batches = Math.round((2 * 1000) / batchMs);
      return emptyWindow({
        settings: { ...settings, batchSize: size },
        endMs: 1000,
        offered: batches * size,
        outcomes: { ...ok, ok: batches * size },
        backlogAtStart: 256,
        backlogAtEnd: 256,
        latency: distribution([[(256 / (batches * size)) * 1000, batches * size]]),
        work: {
          batches,
          batchedCalls: batches * size,
          batchMs: 2000,
          executeMs: 2000,
          busyFraction: 1,
          workerStarts: 0,
        },
        cpuMs: 50,
        workerCpuMs: 50,
      });
    });

  it('are probed first, as nothing is known of what a batch saves, then proposed', () => {
    const blind = predict(seenWith([batchSize], settings, windows(1, 9, 1)), random);
    const size =
      'probe' in blind ? Number(blind.probe['batchSize']) : 'gain' in blind ? Number(blind.settings['batchSize']) : 0;
    expect(size).toBeGreaterThan(1);
    const informed = predict(seenWith([batchSize], settings, [...windows(1, 9, 1), ...windows(8, 9, 1)]), random);
    expect(informed).toMatchObject({ model: 'batch' });
    expect('gain' in informed && Number(informed.settings['batchSize'])).toBeGreaterThanOrEqual(32);
  });

  it('are left alone once a probe showed that they save nothing', () => {
    const answer = predict(seenWith([batchSize], settings, [...windows(1, 0.01, 10), ...windows(8, 0.01, 10)]), random);
    expect(answer).toHaveProperty('none');
  });
});

describe('the linger model', () => {
  const linger = knob('batchLingerMs', { domain: { min: 0, max: 50, scale: 'linear', integer: false } });
  const settings = { threads: 2, batchSize: 64, batchLingerMs: 10 };
  const window = (waitMs: number) =>
    emptyWindow({
      settings,
      offered: 1000,
      outcomes: ok,
      latency: distribution([[waitMs + 2, 1000]]),
      wait: distribution([[waitMs, 1000]]),
      work: { batches: 500, batchedCalls: 1000, batchMs: 500, executeMs: 200, busyFraction: 0.3, workerStarts: 0 },
      cpuMs: 200,
      workerCpuMs: 150,
    });
  const open: Partial<Seen> = {
    load: 'open',
    goal: { objective: { metric: 'mean', direction: 'minimize' }, guardrails: [] },
  };

  it('stops waiting for batches that do not fill when latency is the goal', () => {
    const answer = predict(
      seenWith(
        [linger],
        settings,
        Array.from({ length: 6 }, () => window(8)),
        open,
      ),
      random,
    );
    expect(answer).toMatchObject({ model: 'linger', settings: { batchLingerMs: 0 } });
  });

  it('leaves linger alone when throughput of a served open load is the goal', () => {
    expect(
      predict(
        seenWith(
          [linger],
          settings,
          Array.from({ length: 6 }, () => window(8)),
          { load: 'open' },
        ),
        random,
      ),
    ).toHaveProperty('none');
  });
});
