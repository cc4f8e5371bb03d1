import { expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Objective } from '../../../src/contracts.ts';
import { differenceIn, isPerArrival, sigmaPerArrival } from '../../../tuner/trial/arrivals.ts';
import { readChecks } from '../../../tuner/trial/checks.ts';
import type { Pair } from '../../../tuner/trial/pairs.ts';
import { stability } from '../../../tuner/trial/stability.ts';
import { designOf } from './build-window.ts';

const goodput: Objective = { metric: 'goodput', direction: 'maximize', sloMs: 50 };
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

it('goodput of an open load that is served as it comes varies less than half as much by the call offered', async () => {
  for (const seed of seeds) {
    const windows = await measureAll(makeWorld(worldNamed('slo-cliff'), seed), { concurrency: 8 }, 12);
    expect(isPerArrival(goodput, 'open', windows)).toBe(true);
    expect(sigmaPerArrival(goodput, windows)).toBeLessThan(stability(windows, goodput).sigmaD / 2);
    expect(isPerArrival(goodput, 'closed', windows)).toBe(false);
    expect(isPerArrival({ metric: 'throughput', direction: 'maximize' }, 'open', windows)).toBe(false);
  }
});

it('where calls pile up, goodput is compared by the second', async () => {
  const chosen = await Promise.all(
    seeds.map(async (seed) => {
      const world = createWorld(
        {
          name: 'piles up',
          knobs: [{ id: 'concurrency', defaultValue: 4 }],
          load: { kind: 'open', perSecond: 1000 },
          law: () => ({ perSecond: 700, waitShare: 0.5 }),
          noise: { sigma: 0.01 },
        },
        seed,
      );
      const windows = await measureAll(world, { concurrency: 4 }, 12);
      return isPerArrival({ ...goodput, sloMs: 1e9 }, 'open', windows);
    }),
  );
  expect(chosen.filter(Boolean)).toEqual([]);
});

it('more arrivals under the candidate are no gain by the call offered, and fewer that may be all of it void one', async () => {
  const windows = await measureAll(makeWorld(worldNamed('slo-cliff'), 1), { concurrency: 8 }, 40);
  const design = { ...designOf({ load: 'open' }), perArrival: true as const };
  const goal = { ...design.goal, objective: goodput };
  const checked = (factor: number) => {
    const pairs = Array.from({ length: 20 }, (_, i): Pair => {
      const [baseline, plain] = [windows[2 * i], windows[2 * i + 1]];
      if (!baseline || !plain) throw new Error('too few windows');
      const candidate = { ...plain, offered: Math.round(baseline.offered * factor) };
      const d = differenceIn({ ...design, goal }, baseline, candidate) ?? Number.NaN;
      return { order: i % 2 === 0 ? 'AB' : 'BA', after: null, baseline, candidate, d };
    });
    const arrivals = readChecks({ ...design, goal }, [], pairs).find(({ name }) => name === 'arrivals');
    return { passed: arrivals?.passed, mean: pairs.reduce((sum, { d }) => sum + d, 0) / pairs.length };
  };
  const fewer = checked(0.9);
  expect(fewer.mean).toBeGreaterThan(0.05);
  expect(fewer.passed).toBe(false);
  expect(checked(1.1).mean).toBeLessThan(0);
});
