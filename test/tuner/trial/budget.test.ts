/** The budget of false commits, over days of trials. */
import { describe, expect, test } from 'vitest';
import { commitAlphaOf, hasSpent, type Spent, withinDay } from '../../../tuner/trial/budget.ts';

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

describe('what has spent its level', () => {
  test.each([
    ['a trial with pairs that was cut off', null, 3, true],
    ['a trial with pairs that ended for lack of data', 'no data', 9, true],
    ['a trial that ended for lack of data before its first pair', 'no data', 0, false],
    ['a trial that was cut off before its first pair', null, 0, false],
    ['a trial that a breaker ended before its first pair', 'breaker: drop', 0, true],
  ] as const)('%s has spent its level, or not', (_, trigger, pairs, expected) => {
    expect(hasSpent(trigger, pairs)).toBe(expected);
  });
});
