import { describe, expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Objective, Window } from '../../../src/contracts.ts';
import { costSeen, unknownCosts, washOf } from '../../../tuner/trial/change-cost.ts';

const objective: Objective = { metric: 'throughput', direction: 'maximize' };
const beside = { objective, sigmaD: 0.05 };

/** Half a second each, from `fromMs` on, of so many calls. */
function windows(fromMs: number, ...calls: readonly number[]): readonly Window[] {
  return calls.map((ok, i) =>
    emptyWindow({
      startMs: fromMs + 500 * i,
      endMs: fromMs + 500 * (i + 1),
      offered: ok,
      outcomes: { ok, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 },
    }),
  );
}

const usual = windows(0, 1000, 980, 1020, 1000);

describe('what a change costs', () => {
  it('is nothing where the first window after it is as those before', () => {
    expect(costSeen(usual, windows(9000, 960), 9000, beside)).toEqual({ washMs: 0, lostMs: 0 });
  });

  it('is not known before calls are as they were', () => {
    expect(costSeen(usual, windows(9000, 500), 9000, beside)).toBeNull();
    expect(costSeen(usual, windows(9000, 500, 800), 9000, beside)).toBeNull();
    expect(costSeen(usual, [], 9000, beside)).toBeNull();
    expect(costSeen([], windows(9000, 500), 9000, beside)).toBeNull();
  });

  it('is the time until then, and the calls that were missing', () => {
    expect(costSeen(usual, windows(9000, 500, 800, 990), 9000, beside)).toEqual({
      washMs: 1000,
      lostMs: expect.closeTo(350, 6),
    });
  });

  it('is all of the calls of a window in which there were none', () => {
    expect(costSeen(usual, windows(9000, 0, 1000), 9000, beside)).toEqual({ washMs: 500, lostMs: 500 });
  });

  it('is none of a change after which the level is another one', () => {
    const low = Array.from({ length: 41 }, () => 700);
    expect(costSeen(usual, windows(9000, ...low), 9000, beside)).toBe('another level');
  });

  it('is read in the noise that is known', () => {
    expect(costSeen(usual, windows(9000, 850), 9000, { objective, sigmaD: 0.1 })).toEqual({ washMs: 0, lostMs: 0 });
  });
});

describe('costs of knobs', () => {
  const costs = { cache: { washMs: 3000, lostMs: 900 }, size: { washMs: 0, lostMs: 0 } };

  it('are known once they were looked at, though they be none', () => {
    expect(unknownCosts(costs, { cache: 1, size: 1, other: 1 }, { cache: 2, size: 2, other: 2 })).toEqual(['other']);
  });

  it('are waited out for as long as the slowest knob that changes', () => {
    expect(washOf(costs, { cache: 1, size: 1 }, { cache: 2, size: 2 })).toBe(3000);
    expect(washOf(costs, { cache: 1, size: 1 }, { cache: 1, size: 2 })).toBe(0);
  });
});
