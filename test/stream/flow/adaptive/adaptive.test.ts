import { measured } from 'sandtune';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/foundation/random.ts';
import { StreamBounds } from '../../../../src/stream/bounds.ts';
import { BatchCost, tried } from '../../../../src/stream/flow/adaptive/batch-cost.ts';
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

/** A machine of so many CPUs: calls beyond them wait for each other. @returns what holds after each call */
function settled(cpus: number, seed: number, costOf: (call: number) => number = () => 10): readonly number[] {
  const random = randomStream(seed);
  const gradient = new Gradient({ initial: 4, most: 200 });
  const limits: number[] = [];
  for (let call = 0; call < 4000; call++) {
    const inFlight = gradient.limit;
    gradient.ended(costOf(call) * Math.max(1, inFlight / cpus) * (0.9 + 0.2 * random()), 1, inFlight);
    limits.push(gradient.base);
  }
  return limits;
}

const meanFrom = (limits: readonly number[], from: number) =>
  limits.slice(from).reduce((sum, one) => sum + one, 0) / (limits.length - from);

describe('concurrency by gradient', () => {
  it.each([2, 8, 32])('uses all of %i CPUs and few calls more', (cpus) => {
    for (let seed = 0; seed < 10; seed++) {
      const mean = meanFrom(settled(cpus, seed), 2000);
      expect(mean).toBeGreaterThan(0.9 * cpus);
      expect(mean).toBeLessThan(1.5 * cpus + 1);
    }
  });

  it('keeps its limit where calls cost four times as much from one moment on, or a quarter', () => {
    for (const factor of [4, 0.25])
      for (let seed = 0; seed < 10; seed++) {
        const limits = settled(8, seed, (call) => (call < 2000 ? 10 : 10 * factor));
        const least = Math.min(...limits.slice(2000));
        expect(least).toBeGreaterThanOrEqual(6);
        expect(meanFrom(limits, 2000)).toBeLessThan(14);
      }
  });

  it('leaves a limit that is plainly worse after few calls', () => {
    const gradient = new Gradient({ initial: 8, most: 8 });
    let calls = 0;
    for (let call = 0; call < 200; call++) {
      const { limit } = gradient;
      if (limit === 2) calls++;
      gradient.ended(10, 1, limit);
    }
    // Those that began before, and four to see it.
    expect(calls).toBe(8 + 4);
  });

  it('does not take larger batches for better lanes', () => {
    const gradient = new Gradient({ initial: 8, most: 64 });
    const random = randomStream(3);
    for (let call = 0; call < 4000; call++) {
      const records = 8 + Math.floor(random() * 200);
      const { limit } = gradient;
      gradient.ended((20 + 0.1 * records) * Math.max(1, limit / 8), records, limit, 200);
    }
    expect(gradient.base).toBeGreaterThanOrEqual(7);
    expect(gradient.base).toBeLessThanOrEqual(12);
  });

  it('learns nothing while few calls are in flight', () => {
    const gradient = new Gradient({ initial: 10, most: 100 });
    for (let i = 0; i < 1000; i++) gradient.ended(1 + i, 1, 2);
    expect(gradient.limit).toBe(10);
  });
});

describe('the batch', () => {
  /** Calls of a batch, one in eight of another size, as the controller makes them. */
  function fitted(batch: number, costs: readonly { readonly fixedMs: number; readonly calls: number }[]): BatchCost {
    const random = randomStream(7);
    const cost = new BatchCost();
    let call = 0;
    for (const { fixedMs, calls } of costs)
      for (let i = 0; i < calls; i++) {
        const n = tried(batch, call++, 1000);
        cost.ended(n, (fixedMs + 0.1 * n) * (0.9 + 0.2 * random()));
      }
    return cost;
  }

  it('is so large that the fixed part of a call is a fortieth of it, whatever sizes there were', () => {
    for (const batch of [8, 60, 250]) {
      const wanted = fitted(batch, [{ fixedMs: 1, calls: 500 }]).batch(10_000);
      expect(wanted).toBeGreaterThan(300);
      expect(wanted).toBeLessThan(700);
    }
    expect(fitted(60, [{ fixedMs: 1, calls: 500 }]).batch(64)).toBe(64);
  });

  it('forgets what calls cost once they cost another price', () => {
    const before = { fixedMs: 1, calls: 2000 };
    const { prices } = fitted(8, [before, { fixedMs: 40, calls: 100 }]);
    expect(prices?.fixedMs).toBeGreaterThan(36);
    expect(prices?.fixedMs).toBeLessThan(44);
  });

  it('stays as it is while one size alone was seen, which tells nothing', () => {
    const cost = new BatchCost();
    for (let i = 0; i < 500; i++) cost.ended(16, 5);
    expect(cost.batch(256)).toBeUndefined();
  });

  it('is tried at another size by one call in eight, up or down, within its bound', () => {
    const sizes = (batch: number, most: number) => Array.from({ length: 16 }, (_, call) => tried(batch, call, most));
    expect(sizes(100, 256).filter((size) => size !== 100)).toEqual([25, 25]);
    expect(sizes(1, 256).filter((size) => size !== 1)).toEqual([4, 4]);
    expect(Math.max(...sizes(1, 2))).toBe(2);
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

  it('takes no queue for standing where the calls themselves are long', () => {
    const { made } = controller();
    for (let now = 0; now < 20_000; now += 500) {
      made.called(0, 8, 500, 1);
      made.delivered(1500, now);
    }
    expect(made.state.window).toBe(1);
  });

  it('follows the cost from a batch that its bound has set, and while it is varied tells what it stands at', () => {
    const { made, limits } = controller();
    const sizes = new Set<number>();
    for (let call = 0; call < 400; call++) {
      const n = limits.batchRecords;
      sizes.add(n);
      made.called(0, n, 0.001 + n, limits.lanes);
    }
    expect(made.state.stages[0]?.batchRecords).toBe(1);
    expect(sizes.size).toBeGreaterThan(1);
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
    // Of which two at once take no longer than one: it pays to make more.
    for (let i = 0; i < 400; i++) made.called(0, limits.batchRecords, 1, limits.lanes);
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
