import { measured } from 'sandtune';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/foundation/random.ts';
import { StreamBounds } from '../../../../src/stream/bounds.ts';
import { BatchCost } from '../../../../src/stream/flow/adaptive/batch-cost.ts';
import { CoDel } from '../../../../src/stream/flow/adaptive/codel.ts';
import { AdaptiveController } from '../../../../src/stream/flow/adaptive/controller.ts';
import { Gradient } from '../../../../src/stream/flow/adaptive/gradient.ts';
import type { CreditLimits } from '../../../../src/stream/flow/credits.ts';
import { resolveStreamOptions } from '../../../../src/stream/options.ts';
import { resolveStage } from '../../../../src/stream/stages.ts';

describe('CoDel', () => {
  const options = { targetMs: 5, intervalMs: 100 };

  it('lets a burst pass that is gone within an interval', () => {
    const codel = new CoDel(options);
    for (let now = 0; now < 1000; now++) expect(codel.left(now % 100 < 90 ? 50 : 1, now)).toBe(false);
  });

  it('marks a standing queue after an interval, and then ever more often, by the root of the count', () => {
    const codel = new CoDel(options);
    const marks: number[] = [];
    for (let now = 0; now <= 500; now++) if (codel.left(50, now)) marks.push(now);
    expect(marks).toEqual([100, 200, 271, 329, 379, 424, 464]);
    expect(codel.left(1, 501)).toBe(false);
    expect(codel.count).toBe(0);
  });

  it('comes back at about the rate it had, where it left not long ago', () => {
    const codel = new CoDel(options);
    for (let now = 0; now <= 500; now++) codel.left(50, now);
    codel.left(1, 501);
    for (let now = 502; now <= 602; now++) codel.left(50, now);
    expect(codel.count).toBeGreaterThan(3);
  });
});

/** A machine of so many CPUs: calls beyond them wait for each other. */
function settled(cpus: number, seed: number, calls = 4000): readonly number[] {
  const random = randomStream(seed);
  const gradient = new Gradient({ initial: 4, most: 200 });
  const limits: number[] = [];
  for (let i = 0; i < calls; i++) {
    const inFlight = gradient.limit;
    gradient.ended(10 * Math.max(1, inFlight / cpus) * (0.9 + 0.2 * random()), inFlight);
    limits.push(gradient.limit);
  }
  return limits;
}

describe('concurrency by gradient', () => {
  it.each([2, 8, 32])('uses all of %i CPUs and does not run to its bound', (cpus) => {
    for (let seed = 0; seed < 10; seed++) {
      const late = settled(cpus, seed).slice(2000);
      const mean = late.reduce((sum, one) => sum + one, 0) / late.length;
      expect(mean).toBeGreaterThan(cpus);
      expect(mean).toBeLessThan(6 * cpus + 20);
    }
  });

  it('learns nothing while few calls are in flight', () => {
    const gradient = new Gradient({ initial: 10, most: 100 });
    for (let i = 0; i < 1000; i++) gradient.ended(1 + i, 2);
    expect(gradient.limit).toBe(10);
  });
});

describe('the batch', () => {
  it('is so large that the fixed part of a call is a tenth of it, whatever sizes there were', () => {
    const random = randomStream(7);
    const cost = new BatchCost();
    for (let i = 0; i < 500; i++) {
      const n = 1 + Math.floor(random() * 50);
      cost.ended(n, (2 + 0.1 * n) * (0.95 + 0.1 * random()));
    }
    expect(cost.batch(10_000, 1000)).toBeGreaterThan(150);
    expect(cost.batch(10_000, 1000)).toBeLessThan(210);
    expect(cost.batch(10_000, 5)).toBeLessThan(40);
    expect(cost.batch(64, 1000)).toBe(64);
  });

  it('stays at its bound while one size alone was seen', () => {
    const cost = new BatchCost();
    for (let i = 0; i < 500; i++) cost.ended(16, 5);
    expect(cost.batch(256, 1000)).toBe(256);
  });
});

describe('the controller', () => {
  const options = resolveStreamOptions({ takes: 'batch', batchRecords: 8, maxConcurrency: 4 });
  const same = measured({ name: 'same', run: (given: unknown) => given });
  const moves = { before: () => {}, after: () => {} };
  const bounds = new StreamBounds(options, [resolveStage({ executor: same }, options)], moves).now;

  function controller(from: unknown = null, memoryShare = () => 0.1) {
    const limits = { lanes: 4, batchRecords: 8, batchBytes: 1000 };
    const set: CreditLimits[] = [];
    const made = new AdaptiveController(
      { bounds, limits: [limits], setCredits: (one) => set.push(one), memoryShare },
      from,
    );
    return { made, limits, set };
  }

  it('makes the window small while a queue stands, never smaller than its lanes need, and large again after', () => {
    const { made, set } = controller();
    for (let now = 0; now < 20_000; now += 10) made.delivered(5000, now);
    expect(made.state.window).toBeLessThan(0.01);
    expect(set.at(-1)?.records).toBeGreaterThanOrEqual(2 * 4 * 8);
    expect(Math.max(...set.map(({ bytes }) => bytes))).toBeLessThanOrEqual(bounds.credits.bytes);
    for (let now = 20_000; now < 90_000; now += 10) made.delivered(1, now);
    expect(made.state.window).toBe(1);
    expect(set.at(-1)).toEqual(bounds.credits);
  });

  it('halves the window where memory is nearly full', () => {
    const { made } = controller(null, () => 0.95);
    for (let now = 0; now < 2000; now += 10) made.delivered(1, now);
    expect(made.state.window).toBeLessThanOrEqual(1 / 8);
  });

  it('follows bounds that move: down at once, and up from where it is', () => {
    const { made, limits } = controller();
    made.setBounds({ ...bounds, stages: [{ lanes: 2, batchRecords: 3, batchBytes: 500 }] });
    expect(limits).toEqual({ lanes: 2, batchRecords: 3, batchBytes: 500 });
    made.setBounds(bounds);
    expect(limits).toMatchObject({ lanes: 2, batchRecords: 3 });
    for (let i = 0; i < 50; i++) made.called(0, 3, 1, limits.lanes);
    expect(limits.lanes).toBe(4);
  });

  it('goes on from what an earlier run had, within the bounds that hold now', () => {
    const stateOf = (from: unknown) => controller(from).made.state;
    expect(stateOf({ window: 0.25, stages: [{ lanes: 99, batchRecords: 3 }] })).toEqual({
      window: 0.25,
      stages: [{ lanes: 4, batchRecords: 3 }],
    });
    const anew = { window: 1, stages: [{ lanes: 4, batchRecords: 8 }] };
    for (const odd of [{ window: -1, stages: [{ lanes: 'x' }] }, { stages: 3 }, { stages: [null] }, 'x'])
      expect(stateOf(odd)).toEqual(anew);
  });
});
