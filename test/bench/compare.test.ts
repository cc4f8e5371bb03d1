/** Comparisons of made-up arms whose true ratio is known, as rates over many runs. */
import { describe, expect, it } from 'vitest';
import { type Arms, type ComparePlan, Comparison } from '../../bench/compare.ts';
import { isDecided, ratioOf } from '../../bench/ratio.ts';
import { gaussian, randomStream } from '../../src/foundation/random.ts';

const plan: ComparePlan = { warmUpMs: 1, rounds: 8, windowMs: 1, seed: 1 };
const blocks = 12;

interface Noise {
  /** σ of the log of a window. */
  readonly window: number;
  /** σ of what a start brings for all windows of an arm until it is closed. */
  readonly start: number;
}

/** Two arms on one machine that slows down and recovers under both. */
function arms(seed: number, trueRatio: number, { window, start }: Noise): Arms {
  const random = randomStream(seed, 'arms');
  let drift = 0;
  const arm = (speed: number) => ({
    open: () => {
      const ofStart = start * gaussian(random);
      return Promise.resolve({
        measure: () => {
          drift = 0.9 * drift + 0.1 * gaussian(random);
          return Promise.resolve({ rate: speed * Math.exp(drift + ofStart + window * gaussian(random)) });
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  });
  return { ours: arm(1000 * trueRatio), theirs: arm(1000) };
}

async function intervals(runs: number, trueRatio: number, noise: Noise) {
  return Promise.all(
    Array.from({ length: runs }, async (_, seed) => {
      const comparison = new Comparison(arms(seed, trueRatio, noise), { ...plan, seed });
      await comparison.measurePilot();
      await comparison.measure(blocks);
      return ratioOf(comparison, 'rate', 'ours', 'theirs').ci95 ?? [0, Infinity];
    }),
  );
}

describe('the ratio of two arms', () => {
  it('the ratio of two arms lies within its 95 % interval in 95 % of runs, what a start brings counted in', async () => {
    const runs = 200;
    for (const noise of [
      { window: 0.05, start: 0 },
      { window: 0.02, start: 0.04 },
    ]) {
      const missed = (await intervals(runs, 1.2, noise)).filter(([low, high]) => low > 1.2 || high < 1.2).length;
      // 5 % plus 1.645 binomial standard errors.
      expect(missed / runs).toBeLessThanOrEqual(0.05 + 1.645 * Math.sqrt((0.05 * 0.95) / runs));
    }
  });

  it('the ratio of two arms differs from 1 in nearly every run where one is a tenth slower', async () => {
    const found = (await intervals(100, 0.9, { window: 0.05, start: 0.01 })).filter(([, high]) => high < 1);
    expect(found.length).toBeGreaterThanOrEqual(90);
  });

  it('the ratio of two arms has no interval from too few starts', async () => {
    const comparison = new Comparison(arms(1, 2, { window: 0.01, start: 0 }), plan);
    await comparison.measure(3);
    expect(ratioOf(comparison, 'rate', 'ours', 'theirs')).toEqual({ value: expect.closeTo(2, 0), samples: 3 });
  });

  it('the ratio of two arms is decided once it is proven or past hope, and not while more pairs would tell', async () => {
    const comparison = new Comparison(arms(2, 1, { window: 0.01, start: 0 }), plan);
    const isDecidedAt = (least: number) => isDecided(comparison, 'rate', 'ours', 'theirs', { least, mostPairs: 40 });
    await comparison.measurePilot();
    await comparison.measure(4);
    expect(isDecidedAt(0.5)).toBe(false);
    await comparison.measure(8);
    const { value, ci95: [low] = [0] } = ratioOf(comparison, 'rate', 'ours', 'theirs');
    expect([0.5, (low + value) / 2, 2].map(isDecidedAt)).toEqual([true, false, true]);
  });
});

describe('a comparison', () => {
  const counted = (measure: () => Promise<{ rate: number }>, optional = false) => {
    const counts = { opened: 0, closed: 0 };
    const open = async () => {
      counts.opened++;
      return { measure, [Symbol.asyncDispose]: async () => void counts.closed++ };
    };
    return { counts, arm: { open, optional } };
  };
  const good = () => counted(() => Promise.resolve({ rate: 1 }));
  const bad = (optional: boolean) => counted(() => Promise.reject(new Error('expected 3, got 4')), optional);
  const absent = (optional: boolean) => ({ open: () => Promise.reject(new Error('no such entry')), optional });

  it('a comparison starts every arm anew for each block', async () => {
    const [one, two] = [good(), good()];
    await new Comparison({ one: one.arm, two: two.arm }, plan).measure(5);
    expect([one.counts, two.counts]).toEqual([
      { opened: 5, closed: 5 },
      { opened: 5, closed: 5 },
    ]);
  });

  it('a comparison closes every arm that was opened when one of them fails', async () => {
    const [one, two] = [good(), bad(false)];
    await expect(new Comparison({ one: one.arm, two: two.arm }, plan).measure(5)).rejects.toThrow('expected 3, got 4');
    await expect(new Comparison({ one: one.arm, absent: absent(false) }, plan).measure(5)).rejects.toThrow(
      'no such entry',
    );
    expect([one.counts, two.counts]).toEqual([
      { opened: 2, closed: 2 },
      { opened: 1, closed: 1 },
    ]);
  });

  it('a comparison goes on without an optional arm that fails, says why, and gives no figure of it', async () => {
    const [one, two] = [good(), bad(true)];
    const comparison = new Comparison({ one: one.arm, two: two.arm, three: absent(true) }, plan);
    await comparison.measure(5);
    expect([...comparison.leftOut]).toEqual([
      ['three', 'no such entry'],
      ['two', 'expected 3, got 4'],
    ]);
    expect(comparison.values('rate', 'one')).toEqual(Array.from({ length: 5 }, () => 1));
    expect(comparison.values('rate', 'two')).toEqual([]);
    expect(comparison.logRatios('rate', 'one', 'two')).toEqual([]);
    expect(two.counts).toEqual({ opened: 1, closed: 1 });
  });

  it('a comparison ends at once when it is interrupted, and closes what was open', async () => {
    const controller = new AbortController();
    const one = counted(() => {
      controller.abort(new Error('ended by SIGINT'));
      return Promise.resolve({ rate: 1 });
    }, true);
    const comparison = new Comparison({ one: one.arm }, { ...plan, signal: controller.signal });
    await expect(comparison.measure(5)).rejects.toThrow('ended by SIGINT');
    expect(one.counts).toEqual({ opened: 1, closed: 1 });
  });
});
