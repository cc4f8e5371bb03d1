/** Comparisons of made-up arms whose true ratio is known, as rates over many runs. */
import { describe, expect, it } from 'vitest';
import { type Arms, type ComparePlan, compare } from '../../bench/compare.ts';
import { gaussian, randomStream } from '../../src/foundation/random.ts';

const plan: ComparePlan = { blocks: 13, rounds: 4, windowMs: 1, seed: 1 };

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
  const arm = (speed: number) => () => {
    const ofStart = start * gaussian(random);
    return Promise.resolve({
      measure: () => {
        drift = 0.9 * drift + 0.1 * gaussian(random);
        return Promise.resolve({ rate: speed * Math.exp(drift + ofStart + window * gaussian(random)) });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  };
  return { ours: arm(1000 * trueRatio), theirs: arm(1000) };
}

async function intervals(runs: number, trueRatio: number, noise: Noise) {
  return Promise.all(
    Array.from({ length: runs }, async (_, seed) => {
      const { ratio } = await compare(arms(seed, trueRatio, noise), { ...plan, seed });
      return ratio('ours', 'theirs', 'rate').ci95 ?? [0, Infinity];
    }),
  );
}

describe('the ratio of two arms', () => {
  it('lies within its 95 % interval in 95 % of runs, what a start brings counted in', async () => {
    const runs = 400;
    for (const noise of [
      { window: 0.05, start: 0 },
      { window: 0.02, start: 0.04 },
    ]) {
      const missed = (await intervals(runs, 1.2, noise)).filter(([low, high]) => low > 1.2 || high < 1.2).length;
      // 5 % plus 1.645 binomial standard errors.
      expect(missed / runs).toBeLessThanOrEqual(0.05 + 1.645 * Math.sqrt((0.05 * 0.95) / runs));
    }
  });

  it('is told from 1 in nearly every run where an arm is a tenth slower', async () => {
    const found = (await intervals(100, 0.9, { window: 0.05, start: 0.01 })).filter(([, high]) => high < 1);
    expect(found.length).toBeGreaterThanOrEqual(90);
  });

  it('has no interval from too few starts', async () => {
    const { ratio } = await compare(arms(1, 2, { window: 0.01, start: 0 }), { ...plan, blocks: 3 });
    expect(ratio('ours', 'theirs', 'rate')).toEqual({ value: expect.closeTo(2, 0), samples: 3 });
  });

  it('closes every arm that was opened when one of them fails', async () => {
    const closed: string[] = [];
    const arm = (name: string, measure: () => Promise<{ rate: number }>) => () =>
      Promise.resolve({
        measure,
        [Symbol.asyncDispose]: async () => {
          closed.push(name);
        },
      });
    const opened: Arms = {
      one: arm('one', () => Promise.resolve({ rate: 1 })),
      two: arm('two', () => Promise.reject(new Error('expected 3, got 4'))),
    };
    await expect(compare(opened, plan)).rejects.toThrow('expected 3, got 4');
    expect(closed.sort()).toEqual(['one', 'two']);
    closed.length = 0;
    const failing: Arms = { ...opened, three: () => Promise.reject(new Error('does not start')) };
    await expect(compare(failing, plan)).rejects.toThrow('does not start');
    expect(closed.sort()).toEqual(['one', 'two']);
  });
});
