/** Whole runs where a change of a knob costs calls before its effect shows. */
import { expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../bench/worlds/catalogue/catalogue.ts';
import { wholeRun } from '../../bench/worlds/whole-run.ts';

const run = (seed: number, forMs = 300_000) =>
  wholeRun(makeWorld(worldNamed('refilling'), seed), { goal: worldNamed('refilling').goal, seed, forMs });

it.each([1, 2, 3])(
  'a knob whose change hides its gain for two seconds is tuned all the same (seed %i)',
  async (seed) => {
    const { finalThird, broken, moved } = await run(seed);
    expect(broken).toEqual([]);
    expect(moved).toBeGreaterThan(0);
    expect(finalThird.ofDefault).toBeGreaterThan(1.3);
    expect(finalThird.ofBest).toBeGreaterThan(0.9);
  },
);
