/** The budget of false commits, over days of trials. */
import { describe, expect, test } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { commitAlphaOf, givenBack, type Spent, withinDay } from '../../../tuner/trial/budget.ts';
import { logEValues } from '../../../tuner/trial/e-value.ts';

const [hourMs, dayMs] = [3_600_000, 86_400_000];
const options = { alpha: 0.01, falseCommitsPerDay: 0.1 };

/** A trial every `everyMs`, each at the level that the budget gives it. */
function spending(everyMs: number, forMs: number): readonly Spent[] {
  const spent: Spent[] = [];
  for (let atMs = 0; atMs < forMs; atMs += everyMs) spent.push({ atMs, alpha: commitAlphaOf(spent, atMs, options) });
  return spent;
}

describe('the level a trial may commit at', () => {
  test('the levels spent within any day stay below the budget, however many trials there are', () => {
    const spent = spending(120_000, 3 * dayMs);
    for (const { atMs } of spent.filter((_, i) => i % 50 === 0)) {
      const ofDay = spent.filter((one) => one.atMs <= atMs && atMs - one.atMs < dayMs);
      expect(ofDay.reduce((sum, one) => sum + one.alpha, 0)).toBeLessThan(1.001 * options.falseCommitsPerDay);
    }
  });

  test('the first trials of a day get the whole level, later ones less, and none gets nothing', () => {
    const levels = spending(60_000, 12 * hourMs).map(({ alpha }) => alpha);
    expect(levels.slice(0, 5)).toEqual([0.01, 0.01, 0.01, 0.01, 0.01]);
    expect(levels.at(-1)).toBeLessThan(1e-6);
    expect(Math.min(...levels)).toBeGreaterThan(0);
  });

  test('what was spent counts for a whole day, and no longer', () => {
    const spent = Array.from({ length: 20 }, (_, i) => ({ atMs: 1000 * i, alpha: 0.005 }));
    const levelAt = (nowMs: number) => commitAlphaOf(spent, nowMs, options);
    expect(levelAt(23 * hourMs)).toBeLessThan(1e-6);
    expect(levelAt(dayMs + 20_000)).toBe(options.alpha);
    expect(withinDay(spent, dayMs + 9500)).toHaveLength(10);
  });
});

describe('what a trial without a commit gives back', () => {
  const design = { commitAlpha: 0.01, sigmaD: 0.05, cheaper: false, revertAt: -0.02 };
  const alike = (d: number, pairs: number) => Array.from({ length: pairs }, () => d);

  test('a trial without a pair gives back its whole level, and no trial more than that', () => {
    expect(givenBack(design, [])).toBe(design.commitAlpha);
    expect(givenBack(design, alike(0.1, 6))).toBe(design.commitAlpha);
  });

  test('the further a trial was from a commit, the less it gives back', () => {
    const back = [0.01, -0.01, -0.05].map((d) => givenBack(design, alike(d, 20)));
    expect(back).toEqual(back.toSorted((a, b) => b - a));
    expect(back[2]).toBeLessThan(0.01 * design.commitAlpha);
  });

  test('of a cheaper candidate it is the evidence for not worse that counts', () => {
    const d = alike(-0.015, 20);
    expect(givenBack({ ...design, cheaper: true }, d)).toBeGreaterThan(givenBack(design, d));
  });

  test.each([
    ['as soon as it looks bad', (logE: number, pairs: number) => pairs >= 12 && logE < 0],
    ['when it has nearly committed', (logE: number, pairs: number) => pairs >= 3 && logE > 1],
  ])('a hundred trials a day of nothing commit one in ten days, where each is given up %s', (_, isGivenUp) => {
    const days = 150;
    const random = randomStream(11, String(isGivenUp));
    let [commits, spent]: [number, readonly Spent[]] = [0, []];
    for (let trial = 0; trial < 100 * days; trial++) {
      const atMs = (trial * dayMs) / 100;
      spent = withinDay(spent, atMs);
      const commitAlpha = commitAlphaOf(spent, atMs, options);
      const d = Array.from({ length: 40 }, () => design.sigmaD * gaussian(random));
      const logE = logEValues(d, 0, design.sigmaD, 'greater');
      const end = logE.findIndex((one, i) => one >= -Math.log(commitAlpha) || isGivenUp(one, i + 1));
      const isCommit = end >= 0 && (logE[end] as number) >= -Math.log(commitAlpha);
      commits += Number(isCommit);
      const back = isCommit ? 0 : givenBack({ ...design, commitAlpha }, d.slice(0, end < 0 ? d.length : end + 1));
      spent = [...spent, { atMs, alpha: commitAlpha - back }];
    }
    // 15 are expected at most; so many more come once in a hundred times.
    expect(commits).toBeLessThanOrEqual(25);
  });
});
