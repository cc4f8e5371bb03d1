import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { batchKnob, poolWorld, somePool, threadsKnob } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Seen, Settings, Window } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { contextOf } from '../../../tuner/predict/context.ts';
import { explain, predict, recommendSettings } from '../../../tuner/predict/index.ts';
import { isWorth, propose } from '../../../tuner/predict/model.ts';
import { guardedValue } from '../../../tuner/trial/metric.ts';
import { seenOf } from './campaign.ts';

const pool: Pool = {
  cores: 4,
  inFlight: 256,
  hostPerBatch: 0.03,
  hostPerCall: 0.003,
  wakeUp: 0.05,
  workerPerBatch: 0.04,
  workerPerCall: 0.02,
  guestWait: 0,
  guestShare: 0.8,
};

async function seenAt(
  settings: Settings,
  others: readonly Settings[] = [],
  of: Pool = pool,
  count = 10,
): Promise<Seen> {
  const world = createWorld(poolWorld(of), 5);
  const windows: Window[] = [];
  for (const one of [settings, ...others]) windows.push(...(await measureAll(world, one, count)));
  return seenOf(of, windows, settings);
}

const random = randomStream(1);
const start = { threads: 6, batchSize: 1 };

describe('predict', () => {
  it('predicts nothing from fewer than three windows, and says what it needs', async () => {
    expect(predict(await seenAt(start, [], pool, 2), random)).toEqual({
      none: expect.stringMatching(/2 windows .* needed 3/),
    });
  });

  it('ignores windows in which a knob moved', async () => {
    const seen = await seenAt(start);
    expect(
      predict({ ...seen, windows: seen.windows.map((window) => ({ ...window, steady: false })) }, random),
    ).toHaveProperty('none');
  });

  it('gives the same answer to the same windows', async () => {
    expect(predict(await seenAt(start), randomStream(1))).toEqual(predict(await seenAt(start), randomStream(2)));
  });

  it('does not propose what is ruled out', async () => {
    const seen = await seenAt(start);
    const first = predict(seen, random);
    if (!('gain' in first)) throw new Error('expected a proposal');
    const second = predict({ ...seen, ruledOut: [first.settings] }, random);
    expect(second).toHaveProperty('gain');
    expect('gain' in second && second.settings).not.toEqual(first.settings);
  });

  it('promises as much as it is asked to, more or less than the default', async () => {
    const seen = await seenAt(start);
    const first = predict(seen, random);
    if (!('gain' in first)) throw new Error('expected a proposal');
    const asked = (gain: number) => predict({ ...seen, worth: { gain, probability: 0.8 } }, random);
    expect(asked(0.9 * first.gain.estimate)).toEqual(first);
    const other = asked(1.1 * first.gain.estimate);
    expect('gain' in other && other.gain.estimate > 0).toBe(false);
    const context = contextOf({ ...seen, worth: { gain: 0.01, probability: 0.8 } });
    if (typeof context === 'string') throw new Error(context);
    expect(isWorth(context, { mean: 0.03, sd: 0.01 })).toBe(true);
    expect(isWorth({ ...context, seen }, { mean: 0.03, sd: 0.01 })).toBe(false);
  });

  it('does not propose a knob that is not there', async () => {
    const seen = await seenAt(start);
    const answer = predict({ ...seen, knobs: [threadsKnob] }, random);
    expect('settings' in answer ? answer.settings['batchSize'] : 1).toBe(1);
  });

  it('narrows its interval once another fill was seen', async () => {
    const curve = (seen: Seen) => explain(seen).find((view) => view.model === 'batch');
    const width = (seen: Seen) => {
      const { low, high } = curve(seen)?.curve.find((one) => one.value === 32)?.gain ?? { low: 0, high: Infinity };
      return Math.log((1 + high) / (1 + low));
    };
    const [blind, informed] = [await seenAt(start), await seenAt(start, [{ threads: 6, batchSize: 8 }])];
    expect(width(informed)).toBeLessThan(0.5 * width(blind));
    expect(curve(blind)).toMatchObject({ identifiable: false, because: expect.stringContaining('prior') });
    expect(curve(informed)).toMatchObject({
      identifiable: true,
      because: expect.stringContaining('fitted over 2 settings'),
    });
  });

  it('does not take waiting for CPUs that others use for waiting more threads would cure', async () => {
    // Of two CPUs somebody else keeps one busy: the pool has one.
    const shared: Pool = { ...pool, cores: 1, hostPerBatch: 0.01, hostPerCall: 0.001, workerPerCall: 0.1 };
    const here = { threads: 2, batchSize: 1 };
    const seen = await seenAt(here, [], shared);
    const { truth: truthAt } = createWorld(poolWorld(shared), 1);
    const truth = truthAt({ threads: 4, batchSize: 1 }, 0).rate / truthAt(here, 0).rate - 1;
    const predictedAt = (asked: Seen) =>
      explain(asked)
        .find((view) => view.model === 'threads')
        ?.curve.find((one) => one.value === 4)?.gain.estimate ?? 0;
    const told = { ...seen, cores: 2, windows: seen.windows.map((window) => ({ ...window, idleCpuMs: 5 })) };
    const untold = { ...seen, cores: 2 };
    expect(Math.abs(predictedAt(told) - truth)).toBeLessThan(0.2);
    expect(predictedAt(untold) - truth).toBeGreaterThan(0.5);
  });

  it('never proposes or probes a batch larger than the calls in flight', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (seed) => {
        const one = { ...somePool(seed), inFlight: 16 };
        const answer = predict(await seenAt({ threads: 4, batchSize: 2 }, [], one, 6), random);
        const next = 'probe' in answer ? answer.probe : 'gain' in answer ? answer.settings : {};
        expect(Number(next['batchSize'] ?? 1)).toBeLessThanOrEqual(16);
      }),
      { numRuns: 25 },
    );
  });

  it('never raises threads where the CPUs are used up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 2, max: 64 }),
        async (seed, batchSize) => {
          const one = { ...somePool(seed), guestWait: 0, workerPerCall: 1, inFlight: 1024 };
          const threads = one.cores + 1;
          const answer = predict(await seenAt({ threads, batchSize }, [], one, 6), random);
          const next = 'probe' in answer ? answer.probe : 'gain' in answer ? answer.settings : {};
          expect(Number(next['threads'] ?? 1)).toBeLessThanOrEqual(threads);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('raises threads where workers wait and CPUs idle', async () => {
    const waiting = { ...pool, guestWait: 2, workerPerCall: 0.05 };
    const answer = predict(
      { ...(await seenAt({ threads: 2, batchSize: 1 }, [], waiting)), knobs: [threadsKnob] },
      random,
    );
    expect(answer).toMatchObject({ model: 'threads', because: expect.stringContaining('threads can be used') });
    expect('gain' in answer && Number(answer.settings['threads'])).toBeGreaterThanOrEqual(8);
  });

  it('offers fewer threads as no loss where there are more than CPUs can use', async () => {
    const busy = { ...pool, cores: 2, workerPerCall: 2, guestShare: 0.99 };
    const answer = predict(await seenAt({ threads: 12, batchSize: 8 }, [], busy), random);
    expect(answer).toMatchObject({ model: 'threads-cheaper' });
    if (!('gain' in answer)) throw new Error('expected a proposal');
    expect(Math.abs(answer.gain.estimate)).toBeLessThan(0.02);
    expect(Number(answer.settings['threads'])).toBeGreaterThanOrEqual(2);
    expect(Number(answer.settings['threads'])).toBeLessThan(12);
  });

  it('expects nothing from capacity where an open load is served already', async () => {
    const seen = await seenAt(start);
    const idle = seen.windows.map((window) => ({ ...window, work: { ...window.work, busyFraction: 0.2 } }));
    const answer = predict({ ...seen, load: 'open', windows: idle, knobs: [batchKnob] }, random);
    expect(answer).toHaveProperty('none');
  });

  it('calls a proposal risky that is expected to break a latency guardrail which holds', async () => {
    const seen = await seenAt(start);
    const p99 = guardedValue('p99', seen.windows)?.value ?? Number.NaN;
    const riskAt = (limit: number, slower: number) => {
      const guardrails = [{ kind: 'absolute', metric: 'p99', limit, text: '' }] as const;
      const context = contextOf({ ...seen, goal: { objective: { metric: 'cpu', direction: 'minimize' }, guardrails } });
      if (typeof context === 'string') throw new Error(context);
      return propose(context, 'batch', { batchSize: 2 }, { mean: 0.5, sd: 0.1, slower }, '').risk;
    };
    expect(riskAt(p99 * 1.1, 0.2)).toBe('high');
    expect(riskAt(p99 * 1.1, -0.2)).toBe('low');
    // One that does not hold today is nothing the proposal would break.
    expect(riskAt(p99 * 0.5, 0.2)).toBe('low');
  });

  it('moves by at most two knobs, within their domains, with a probability that agrees with its interval', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (seed) => {
        const one = somePool(seed);
        const answer = predict(await seenAt({ threads: 3, batchSize: 1 }, [], one, 6), random);
        if (!('gain' in answer)) return;
        const moved = Object.keys(answer.settings).filter(
          (id) => answer.settings[id] !== { threads: 3, batchSize: 1 }[id],
        );
        expect(moved.length).toBeGreaterThan(0);
        expect(moved.length).toBeLessThanOrEqual(2);
        expect(answer.gain.low).toBeLessThanOrEqual(answer.gain.estimate);
        expect(answer.gain.high).toBeGreaterThanOrEqual(answer.gain.estimate);
        if (answer.gain.low > 0) expect(answer.pGain).toBeGreaterThanOrEqual(0.899);
        expect(answer.because).toMatch(/\d/);
      }),
      { numRuns: 25 },
    );
  });
});

describe('recommendSettings', () => {
  const restart = { ...batchKnob, moves: { up: 'restart', down: 'restart' } } as const;

  it('names a gain behind a restart, which predict must not try', async () => {
    const seen = { ...(await seenAt(start)), knobs: [restart] };
    expect(predict(seen, random)).not.toHaveProperty('gain');
    expect(recommendSettings(seen)).toEqual([
      expect.objectContaining({
        priority: 'high',
        settings: { batchSize: expect.any(Number) },
        because: expect.stringContaining('restart'),
      }),
    ]);
  });

  it('has nothing to say where every knob can be tried', async () => {
    expect(recommendSettings(await seenAt(start))).toEqual([]);
  });
});

describe('explain', () => {
  it('gives every knob a view, and says so where no model knows it', async () => {
    const seen = { ...(await seenAt(start)), knobs: [threadsKnob, batchKnob, { ...threadsKnob, id: 'colour' }] };
    const views = explain(seen);
    expect(new Set(views.map((view) => view.knob))).toEqual(new Set(['threads', 'batchSize', 'colour']));
    expect(views.find((view) => view.knob === 'colour')).toMatchObject({
      model: null,
      because: "no model knows 'colour'",
    });
    expect(views.find((view) => view.model === 'batch')?.suggestion).toMatchObject({ kind: 'proposal' });
  });
});
