/** The tuner's statistics against simulated plants: rates over 100 seeds, each seed one full trial. */
import { describe, expect, test } from 'vitest';
import { acceptWorlds, cheaperWorld, falseCommitLimit, harmWorld, nullWorlds } from '../../bench/worlds/acceptance.ts';
import { runTrial } from '../../bench/worlds/run-trial.ts';
import { noisy, quiet, type World } from '../../bench/worlds/world.ts';
import type { TrialDesign } from '../../tuner/entries/entries.ts';
import { meaningOf, type Trigger } from '../../tuner/entries/triggers.ts';
import { parseGoal } from '../../tuner/goal.ts';

const seeds = 100;

function share(
  world: World,
  wanted: (trigger: Trigger, run: ReturnType<typeof runTrial>) => boolean,
  design: Partial<TrialDesign> = {},
  runs = seeds,
): number {
  return (
    Array.from({ length: runs }, (_, i) => runTrial(world, design, 10_000 + i)).filter((run) =>
      wanted(run.result.trigger, run),
    ).length / runs
  );
}

const committed = (trigger: Trigger) => meaningOf(trigger).keeps !== null;

describe('acceptance at 100 seeds', () => {
  const { rows } = acceptWorlds({ seeds });

  test.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
    expect(row).toMatchObject({ passed: true });
  });

  test('looks at five null worlds, a loss that saves, the harm, and the harm unguarded', () => {
    expect(nullWorlds).toHaveLength(5);
    expect(rows).toHaveLength(nullWorlds.length + 5);
    expect(falseCommitLimit(1000)).toBe(0.0152);
  });
});

describe('a loss beyond revertAt that saves', () => {
  test('is committed nearly always where the user allows twice as much', () => {
    const design = { cheaper: true, revertAt: -0.06 };
    expect(share({ ...cheaperWorld, whiteSigma: 0.02 }, committed, design, 40)).toBeGreaterThanOrEqual(0.95);
  });
});

describe('harm', () => {
  test('with the engine alone, and with the breakers alone, is seen in part; together it is seen', () => {
    const off = (trigger: Trigger) => meaningOf(trigger).harms;
    const alone = {
      engine: share(harmWorld, off, { breakers: false }, 40),
      breakers: share(harmWorld, off, { engine: false }, 40),
    };
    expect(alone.engine).toBeGreaterThan(0.95);
    expect(alone.breakers).toBeLessThan(0.95);
  });

  test('of a half is off within four candidate windows, a stall within two', () => {
    const soon = (limit: number) => (trigger: Trigger, run: ReturnType<typeof runTrial>) =>
      meaningOf(trigger).judgedBy === 'breaker' && run.result.windows.candidate <= limit;
    expect(share({ ...noisy, effect: -0.5 }, soon(4), {}, 50)).toBeGreaterThanOrEqual(0.98);
    expect(share({ ...noisy, candidate: { stalls: true } }, soon(2), {}, 20)).toBe(1);
  });

  test('by errors, dead workers or a long tail is off although the rate is no worse', () => {
    expect(
      share({ ...quiet, candidate: { errorFraction: 0.02 } }, (trigger) => trigger === 'breaker: errors', {}, 30),
    ).toBe(1);
    expect(
      share({ ...quiet, candidate: { lostCalls: 2 } }, (trigger) => trigger === 'breaker: worker lost', {}, 10),
    ).toBe(1);
    expect(
      share({ ...quiet, candidate: { tailFactor: 4 } }, (trigger) => trigger === 'breaker: latency', {}, 30),
    ).toBeGreaterThanOrEqual(0.95);
  });

  test('in the tail that no breaker sees is caught by the guardrail', () => {
    const goal = parseGoal({ maximize: 'throughput', subjectTo: ['p99 within 10%'] });
    const world = { ...quiet, effect: 0.1, candidate: { tailFactor: 1.6 } };
    expect(share(world, (trigger) => trigger === 'guardrail', { goal }, 40)).toBeGreaterThanOrEqual(0.95);
  });
});

describe('a gain', () => {
  test('of 5 % at σ_d 6 % is committed at least 95 times in 100', () => {
    expect(share({ ...noisy, effect: 0.05 }, committed)).toBeGreaterThanOrEqual(0.95);
  });

  test('is committed under the default guardrails too, where they hold', () => {
    const goal = parseGoal({ maximize: 'throughput' });
    expect(share({ ...quiet, perSecond: 4000, effect: 0.2 }, committed, { goal }, 30)).toBeGreaterThanOrEqual(0.95);
  });

  test('in an open loop shows as latency', () => {
    const goal = parseGoal({ minimize: 'mean', subjectTo: [] });
    expect(share({ ...quiet, load: 'open', effect: 0.2 }, committed, { goal }, 30)).toBeGreaterThanOrEqual(0.95);
    expect(share({ ...quiet, load: 'open' }, committed, { goal }, 30)).toBeLessThanOrEqual(0.05);
  });
});

test('futility gives a null up early, on average in half of the pairs', () => {
  const pairs = Array.from({ length: 50 }, (_, i) => runTrial(noisy, {}, i).result.pairs);
  expect(pairs.reduce((sum, one) => sum + one, 0) / 50).toBeLessThan(35);
});
