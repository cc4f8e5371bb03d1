/** The tuner's statistics against simulated worlds: rates over 100 seeds, each seed one full trial. */
import { describe, expect, test } from 'vitest';
import { acceptWorlds, cheaperWorld, falseCommitLimit, nullWorlds } from '../../bench/worlds/acceptance.ts';
import { candidateDoes, noisy, quiet } from '../../bench/worlds/arms.ts';
import { trialResults } from '../../bench/worlds/run-trial.ts';
import type { WorldSpec } from '../../bench/worlds/spec.ts';
import type { TrialDesign, TrialResult } from '../../tuner/entries/entries.ts';
import { type Trigger, triggers } from '../../tuner/entries/triggers.ts';
import { parseGoal } from '../../tuner/goal.ts';

const seeds = 100;

async function share(
  world: WorldSpec,
  wanted: (result: TrialResult) => boolean,
  design: Partial<TrialDesign> = {},
  runs = seeds,
): Promise<number> {
  const results = await trialResults(
    world,
    design,
    Array.from({ length: runs }, (_, i) => 10_000 + i),
  );
  return results.filter(wanted).length / runs;
}

const committed = ({ trigger }: TrialResult) => triggers[trigger].keeps !== null;
const endedBy = (wanted: Trigger) => (result: TrialResult) => result.trigger === wanted;

describe('acceptance at 100 seeds', async () => {
  const rows = await acceptWorlds(seeds, 1);

  test.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
    expect(row).toMatchObject({ passed: true });
  });

  test('the acceptance in worlds has five null worlds, a loss that saves, the harm, and the harm unguarded', () => {
    expect(nullWorlds).toHaveLength(5);
    expect(rows).toHaveLength(nullWorlds.length + 5);
    expect(falseCommitLimit(1000)).toBe(0.0152);
  });
});

describe('a loss beyond revertAt that saves', () => {
  test('a loss beyond revertAt that saves is committed nearly always where the user allows twice as much', async () => {
    const design = { cheaper: true, revertAt: -0.06 };
    const world = { ...cheaperWorld, noise: { ...cheaperWorld.noise, sigma: 0.02 } };
    expect(await share(world, committed, design, 40)).toBeGreaterThanOrEqual(0.95);
  });
});

describe('harm', () => {
  test('the engine alone reverts the harm in nearly every trial, and the breakers alone do not', async () => {
    const off = ({ trigger }: TrialResult) => triggers[trigger].harms;
    const harm = { ...noisy, law: candidateDoes({ effect: -0.07 }) };
    expect(await share(harm, off, { breakers: false }, 40)).toBeGreaterThan(0.95);
    expect(await share(harm, off, { engine: false }, 40)).toBeLessThan(0.95);
  });

  test('a loss of a half is reverted within four candidate windows, a stall within two, blaming nobody', async () => {
    const soon = (limit: number) => (result: TrialResult) =>
      triggers[result.trigger].judgedBy === 'breaker' && result.windows.candidate <= limit;
    const half = { ...noisy, law: candidateDoes({ effect: -0.5 }) };
    const stalled = { ...noisy, law: candidateDoes({ effect: -1 }) };
    expect(await share(half, soon(4), {}, 50)).toBeGreaterThanOrEqual(0.98);
    const blamesNobody = ({ trigger, windows }: TrialResult) =>
      trigger === 'outage or candidate' && windows.candidate <= 2;
    expect(await share(stalled, blamesNobody, {}, 20)).toBe(1);
  });

  test('harm by errors, dead workers or a long tail is reverted although the rate is no worse', async () => {
    const failing = { ...quiet, law: candidateDoes({ errorFraction: 0.02 }) };
    const dying = { ...quiet, law: candidateDoes({ lostPerSecond: 4 }) };
    const dragging = { ...quiet, law: candidateDoes({ tailFactor: 4 }) };
    expect(await share(failing, endedBy('breaker: errors'), {}, 30)).toBe(1);
    expect(await share(dying, endedBy('breaker: worker lost'), {}, 10)).toBe(1);
    expect(await share(dragging, endedBy('breaker: latency'), {}, 30)).toBeGreaterThanOrEqual(0.95);
  });

  test('harm in the tail alone is caught by the guardrail, or before that by its breaker', async () => {
    const goal = parseGoal({ maximize: 'throughput', subjectTo: ['p99 within 10%'] });
    const world = { ...quiet, law: candidateDoes({ effect: 0.1, tailFactor: 1.6 }) };
    const caught = (result: TrialResult) => endedBy('guardrail')(result) || endedBy('breaker: margin')(result);
    expect(await share(world, caught, { goal }, 40)).toBeGreaterThanOrEqual(0.95);
    expect(await share(world, endedBy('guardrail'), { goal, breakers: false }, 40)).toBeGreaterThanOrEqual(0.95);
  });
});

describe('a gain', () => {
  test('a gain of 5 % at σ_d 6 % is committed at least 95 times in 100', async () => {
    expect(await share({ ...noisy, law: candidateDoes({ effect: 0.05 }) }, committed)).toBeGreaterThanOrEqual(0.95);
  });

  test('a gain is committed under the default guardrails too, where they hold', async () => {
    const goal = parseGoal({ maximize: 'throughput' });
    const world = { ...quiet, law: candidateDoes({ perSecond: 4000, effect: 0.2 }) };
    expect(await share(world, committed, { goal }, 30)).toBeGreaterThanOrEqual(0.95);
  });

  test('a gain in an open loop shows as latency', async () => {
    const goal = parseGoal({ minimize: 'mean', subjectTo: [] });
    const open = (effect: number): WorldSpec => ({
      ...quiet,
      load: { kind: 'open', perSecond: 2000 },
      law: candidateDoes({ perSecond: 3000, effect }),
    });
    expect(await share(open(0.2), committed, { goal }, 30)).toBeGreaterThanOrEqual(0.95);
    expect(await share(open(0), committed, { goal }, 30)).toBeLessThanOrEqual(0.05);
  });
});

test('futility gives a null up early, on average in half of the pairs', async () => {
  const results = await trialResults(
    noisy,
    {},
    Array.from({ length: 50 }, (_, i) => i),
  );
  expect(results.reduce((sum, { pairs }) => sum + pairs, 0) / 50).toBeLessThan(35);
});
