import { describe, expect, it } from 'vitest';
import { batched, cached, scalable } from '../../../bench/worlds/laws.ts';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Law } from '../../../bench/worlds/spec.ts';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { World } from '../../../bench/worlds/world.ts';
import type { CacheUse, KnobSpec, Seen, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import { missesAt } from '../../../tuner/predict/cache.ts';
import { predict } from '../../../tuner/predict/predict.ts';
import { knob, ok, seenWith, took } from './seen.ts';

const random = randomStream(1);

/** A closed loop under `law`, its knobs at their defaults. */
function closed(law: Law, knobs: readonly KnobSpec[], inFlight: number, seed = 1): World {
  return createWorld({ name: 'law', knobs, load: { kind: 'closed', inFlight }, law, noise: { sigma: 0.02 } }, seed);
}

describe('the cache model', () => {
  const capacity = knob('moduleCacheCapacity', { unit: 'modules', cost: 'per-unit' });

  /** A few hot modules and a loop over the rest; most of a worker's time goes to misses where they are dear. */
  async function seenAt(size: number, distinct: number, missMs: number): Promise<Seen> {
    const rankShares = Array.from({ length: distinct }, (_, rank) => (rank < 4 ? 0.15 : 0.4 / (distinct - 4)));
    const law = cached({ knob: capacity.id, rankShares, hitMs: 0.1, missMs });
    const settings = { moduleCacheCapacity: size, threads: 1 };
    const world = closed(law, [capacity, knob('threads')], 64);
    return seenWith([capacity], settings, await measureAll(world, settings, 6));
  }

  it('misses at any capacity follow from the ranks', () => {
    const use = { hits: 0, misses: 0, rankCounts: [5, 3, 2], coldCount: 1, missMs: 0 };
    expect([0, 1, 2, 3, 9].map((size) => missesAt(use, size))).toEqual([11, 6, 3, 1, 1]);
  });

  it('a capacity of a cache that tells nothing of itself is a knob that no model knows', async () => {
    const settings = { moduleCacheCapacity: 8 };
    const world = closed(() => ({ perSecond: 1000 }), [capacity], 16);
    const answer = predict(seenWith([capacity], settings, await measureAll(world, settings, 6)), random);
    expect(JSON.stringify(answer)).not.toContain('cache:');
  });

  it('a cache a tenth above the knee is proposed where misses cost much, with about the right gain', async () => {
    const answer = predict(await seenAt(8, 40, 1), random);
    expect(answer).toMatchObject({ model: 'cache', settings: { moduleCacheCapacity: 44 } });
    if (!('gain' in answer)) throw new Error('expected a proposal');
    // 356 misses of 1 ms beside 100 ms of work go away.
    const gain = (100 + 400 * (32 / 36)) / 100 - 1;
    expect(answer.gain.low).toBeLessThan(gain);
    expect(answer.gain.high).toBeGreaterThan(gain);
    expect(answer.reason).toMatch(/% of \d+ references missed/);
  });

  it('no other cache is proposed where misses cost little', async () => {
    expect(predict(await seenAt(8, 40, 0.001), random)).not.toMatchObject({ model: 'cache' });
  });

  it('a smaller cache is proposed where it is far larger than the working set', async () => {
    expect(predict(await seenAt(1024, 40, 1), random)).toMatchObject({
      model: 'cache-cheaper',
      settings: { moduleCacheCapacity: 44 },
    });
  });

  it('a cache whose ranks do not explain its misses is not identifiable', async () => {
    const seen = await seenAt(8, 40, 1);
    const windows = seen.windows.map((window) => ({
      ...window,
      cache: { ...(window.cache as CacheUse), hits: 100, misses: 900 },
    }));
    const [view] = explain({ ...seen, windows });
    expect(view).toMatchObject({ identifiable: false, reason: expect.stringContaining('not one LRU') });
  });
});

describe('the concurrency model', () => {
  const concurrency = knob('concurrency', { domain: { min: 1, max: 256, scale: 'log', integer: true } });
  const law = scalable({ inFlight: 256, perSecond: 100, contention: 0.02, coherency: 0.0005 });
  const rate = (width: number) => law({ concurrency: width }).perSecond;
  const start = (seed: number) => closed(law, [concurrency], 256, seed);

  it('the first answer for a concurrency is a probe at twice its value where calls compute for most of their time', async () => {
    const windows = (await measureAll(start(1), { concurrency: 1 }, 10)).map((window) => {
      const cpuMs = 0.55 * window.work.batchMs;
      return { ...window, cpuMs, workerCpuMs: cpuMs };
    });
    const answer = predict(seenWith([concurrency], { concurrency: 1 }, windows), random);
    expect(answer).toEqual({ probe: { concurrency: 2 }, learns: expect.stringContaining('only 1 was seen') });
  });

  it('calls that wait for others let their thread take more of them: a step of two octaves is likely to gain, by how much is not known', async () => {
    const windows = await measureAll(start(1), { concurrency: 4 }, 10);
    const answer = predict(seenWith([concurrency], { concurrency: 4 }, windows), random);
    if (!('gain' in answer)) throw new Error('expected a proposal');
    expect(answer).toMatchObject({ settings: { concurrency: 16 }, model: 'concurrency' });
    expect(answer.pGain).toBeLessThan(0.97);
    expect(answer.gain.high - answer.gain.low).toBeGreaterThan(1);
    expect(answer.reason).toMatch(/waits for others .* thread is in use 1\d % of the time/);
  });

  it('of a thread that is in use for most of the time no more is expected than it has left', async () => {
    const measured = await measureAll(start(1), { concurrency: 4 }, 10);
    const windows = measured.map((window) => {
      const cpuMs = 0.85 * (window.endMs - window.startMs);
      return { ...window, cpuMs, workerCpuMs: cpuMs };
    });
    const busy = predict(seenWith([concurrency], { concurrency: 4 }, windows, { cores: 1 }), random);
    expect('gain' in busy && busy.gain.estimate).toBeLessThan(1 / 0.85 - 1);
  });

  it('a few accepted proposals bring the concurrency close to the optimum of a scalability law, and no more follow', async () => {
    const best = Math.max(...[1, 2, 4, 8, 16, 32, 64, 128, 256].map(rate));
    const climb = async (seed: number) => {
      const world = start(seed);
      let [width, windows] = [4, await measureAll(world, { concurrency: 4 }, 10)];
      for (let round = 0; round < 10; round++) {
        const answer = predict(seenWith([concurrency], { concurrency: width }, windows), random);
        if ('none' in answer) break;
        const next = Number(('probe' in answer ? answer.probe : answer.settings)['concurrency']);
        windows = [...windows, ...(await measureAll(world, { concurrency: next }, 'probe' in answer ? 3 : 8))];
        if ('gain' in answer && rate(next) > rate(width)) width = next;
      }
      return rate(width) / best;
    };
    const fractions = await Promise.all(Array.from({ length: 20 }, (_, seed) => climb(seed)));
    expect(fractions.filter((fraction) => fraction > 0.9).length).toBeGreaterThanOrEqual(18);
  });

  it('no more concurrency is proposed where what there is goes unused', async () => {
    const windows = await measureAll(start(1), { concurrency: 4 }, 10);
    const idle = windows.map((window) => ({ ...window, wait: took(0.001, 100), latency: took(2, 100) }));
    expect(predict(seenWith([concurrency], { concurrency: 4 }, idle, { load: 'open' }), random)).toEqual({
      none: expect.stringContaining('not what calls wait for'),
    });
  });
});

describe('batches of a wrapped function', () => {
  const batchSize = knob('batchSize');
  const settings = { concurrency: 2, batchSize: 1 };
  const seenAt = async (sizes: readonly number[], perBatchMs: number, perCallMs: number) => {
    const world = closed(batched({ width: 2, perBatchMs, perCallMs }), [knob('concurrency'), batchSize], 256);
    const windows: Window[] = [];
    for (const size of sizes) windows.push(...(await measureAll(world, { ...settings, batchSize: size }, 6)));
    return seenWith([batchSize], settings, windows);
  };

  it('batches of a wrapped function are probed first, then proposed', async () => {
    const blind = predict(await seenAt([1], 9, 1), random);
    const size =
      'probe' in blind ? Number(blind.probe['batchSize']) : 'gain' in blind ? Number(blind.settings['batchSize']) : 0;
    expect(size).toBeGreaterThan(1);
    const informed = predict(await seenAt([1, 8], 9, 1), random);
    expect(informed).toMatchObject({ model: 'batch' });
    expect('gain' in informed && Number(informed.settings['batchSize'])).toBeGreaterThanOrEqual(32);
  });

  it('batches of a wrapped function are not proposed once a probe showed that they save nothing', async () => {
    expect(predict(await seenAt([1, 8], 0.01, 10), random)).toHaveProperty('none');
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
      latency: took(waitMs + 2),
      wait: took(waitMs),
      work: { batches: 500, batchedCalls: 1000, batchMs: 500, executeMs: 200, busyFraction: 0.3, workerStarts: 0 },
      cpuMs: 200,
      workerCpuMs: 150,
    });
  const open: Partial<Seen> = {
    load: 'open',
    goal: { objective: { metric: 'mean', direction: 'minimize' }, guardrails: [] },
  };

  it('no linger is proposed for batches that do not fill when latency is the goal', () => {
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

  it('no other linger is proposed when throughput of a served open load is the goal', () => {
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
