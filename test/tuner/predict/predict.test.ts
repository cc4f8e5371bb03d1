import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchKnob, poolWorld, somePool, threadsKnob } from '../../../bench/worlds/pool.ts';
import type { Pool } from '../../../bench/worlds/pool-events.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Seen } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { explain } from '../../../tuner/advice/explain.ts';
import { contextOf } from '../../../tuner/predict/context.ts';
import { isWorth, propose, type View } from '../../../tuner/predict/model.ts';
import { predict, viewsOf } from '../../../tuner/predict/predict.ts';
import { guardedValue } from '../../../tuner/trial/metric.ts';
import { sampleWindow } from '../../support/sample-window.ts';
import { knob, ok, seenWith } from './seen.ts';
import { pool, seenAt, start } from './seen-pool.ts';

const random = randomStream(1);

describe('predict', () => {
  it('nothing is predicted from fewer than three windows, and the answer says what is needed', async () => {
    expect(predict(await seenAt(start, [], pool, 2), random)).toEqual({
      none: expect.stringMatching(/2 windows .* needed 3/),
    });
  });

  it('windows in which a knob moved predict nothing', async () => {
    const seen = await seenAt(start);
    expect(
      predict({ ...seen, windows: seen.windows.map((window) => ({ ...window, steady: false })) }, random),
    ).toHaveProperty('none');
  });

  it('the same windows give the same prediction', async () => {
    expect(predict(await seenAt(start), randomStream(1))).toEqual(predict(await seenAt(start), randomStream(2)));
  });

  it('an open load of which calls are shed has as much to gain as arrives and is not served', () => {
    const settings = { width: 2 };
    const headroom = (shed: number) => {
      const windows = [0, 1, 2, 3].map((at) => {
        const sample = { settings, rate: 1000, startMs: 1000 * at, forMs: 1000, epoch: 0, functionName: 'f' };
        return { ...sampleWindow(sample, randomStream(at)), offered: 1000 + shed, outcomes: { ...ok, shed } };
      });
      const context = contextOf(seenWith([knob('width')], settings, windows, { load: 'open' }));
      return typeof context === 'string' ? context : Math.exp(context.headroom);
    };
    expect(headroom(0)).toBeCloseTo(1);
    expect(headroom(4000)).toBeCloseTo(5);
  });

  it('a setting that is ruled out is not proposed', async () => {
    const seen = await seenAt(start);
    const first = predict(seen, random);
    if (!('gain' in first)) throw new Error('expected a proposal');
    const second = predict({ ...seen, ruledOut: [first.settings] }, random);
    expect(second).toHaveProperty('gain');
    expect('gain' in second && second.settings).not.toEqual(first.settings);
  });

  it('a proposal promises at least the gain it is asked for, more or less than the default', async () => {
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

  it('a knob that the executor does not have is not proposed', async () => {
    const seen = await seenAt(start);
    const answer = predict({ ...seen, knobs: [threadsKnob] }, random);
    expect('settings' in answer ? answer.settings['batchSize'] : 1).toBe(1);
  });

  it('the interval of a batch size narrows once another fill was seen', async () => {
    const curve = (seen: Seen) => explain(seen).find((view) => view.model === 'batch');
    const width = (seen: Seen) => {
      const { low, high } = curve(seen)?.curve.find((one) => one.value === 32)?.gain ?? { low: 0, high: Infinity };
      return Math.log((1 + high) / (1 + low));
    };
    const [blind, informed] = [await seenAt(start), await seenAt(start, [{ threads: 6, batchSize: 8 }])];
    expect(width(informed)).toBeLessThan(0.5 * width(blind));
    expect(curve(blind)).toMatchObject({ identifiable: false, reason: expect.stringContaining('prior') });
    expect(curve(informed)).toMatchObject({
      identifiable: true,
      reason: expect.stringContaining('fitted over 2 settings'),
    });
  });

  it('waiting for CPUs that other processes use does not make more threads look better', async () => {
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
    const withIdle = { ...seen, cores: 2, windows: seen.windows.map((window) => ({ ...window, idleCpuMs: 5 })) };
    const withoutIdle = { ...seen, cores: 2 };
    expect(Math.abs(predictedAt(withIdle) - truth)).toBeLessThan(0.2);
    expect(predictedAt(withoutIdle) - truth).toBeGreaterThan(0.5);
  });

  it('a batch larger than the calls in flight is never proposed or probed', async () => {
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

  it('more threads are never proposed where the CPUs are used up', async () => {
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

  it('where the crossing is all of a call, no more threads are proposed than there are CPUs for them', async () => {
    const calls = { inFlight: 16, hostPerBatch: 0.02, wakeUp: 0.2, workerPerBatch: 0.01, workerPerCall: 0.005 };
    const viewOf = async (more: Partial<typeof pool>) => {
      const views = viewsOf(await seenAt({ threads: 2, batchSize: 1 }, [], { ...pool, ...calls, ...more }));
      const view = typeof views === 'string' ? undefined : views.find((one) => one.model === 'threads');
      return view ?? expect.fail('no view');
    };
    const wantedBy = ({ proposal, probe }: View) => Number((proposal ?? probe)?.settings['threads'] ?? 2);
    for (const cores of [2, 8]) {
      const view = await viewOf({ cores });
      expect(view.reason).toContain('the crossing is all of it');
      expect(wantedBy(view)).toBeLessThanOrEqual(cores);
    }
    // Work that waits by itself leaves its CPU to others.
    expect(wantedBy(await viewOf({ cores: 2, guestWait: 5 }))).toBeGreaterThan(2);
  });

  it('more threads are proposed where workers wait and CPUs idle', async () => {
    const waiting = { ...pool, guestWait: 2, workerPerCall: 0.05 };
    const answer = predict(
      { ...(await seenAt({ threads: 2, batchSize: 1 }, [], waiting)), knobs: [threadsKnob] },
      random,
    );
    expect(answer).toMatchObject({ model: 'threads', reason: expect.stringContaining('threads can be used') });
    expect('gain' in answer && Number(answer.settings['threads'])).toBeGreaterThanOrEqual(8);
  });

  it('fewer threads are proposed as no loss where there are more than the CPUs can use', async () => {
    const busy = { ...pool, cores: 2, workerPerCall: 2, guestShare: 0.99 };
    const answer = predict(await seenAt({ threads: 12, batchSize: 8 }, [], busy), random);
    expect(answer).toMatchObject({ model: 'threads-cheaper' });
    if (!('gain' in answer)) throw new Error('expected a proposal');
    expect(Math.abs(answer.gain.estimate)).toBeLessThan(0.02);
    expect(Number(answer.settings['threads'])).toBeGreaterThanOrEqual(2);
    expect(Number(answer.settings['threads'])).toBeLessThan(12);
  });

  it('no capacity is proposed where an open load is served already', async () => {
    const seen = await seenAt(start);
    const idle = seen.windows.map((window) => ({ ...window, work: { ...window.work, busyFraction: 0.2 } }));
    const answer = predict({ ...seen, load: 'open', windows: idle, knobs: [batchKnob] }, random);
    expect(answer).toHaveProperty('none');
  });

  it('a proposal that is expected to break a latency guardrail which holds is of high risk', async () => {
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

  it('a proposal moves at most two knobs, within their domains, with a probability that agrees with its interval', async () => {
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
        expect(answer.reason).toMatch(/\d/);
      }),
      { numRuns: 25 },
    );
  });
});
