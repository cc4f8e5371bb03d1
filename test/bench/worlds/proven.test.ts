import { expect, test } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { untilProven } from '../../../bench/worlds/proven.ts';
import { worthOf } from '../../../bench/worlds/worth.ts';

test('all seconds until a nearly best setting is the anchor are told, and each belongs to one phase', async () => {
  const { goal } = worldNamed('cache-loop');
  const world = makeWorld(worldNamed('cache-loop'), 1);
  const { seconds, trials, phases, anchor } = await untilProven(world, { goal, seed: 1, forMs: 600_000 });
  const worth = (settings: typeof anchor) => worthOf(goal)(world.truth(settings, 0));
  expect(worth(anchor)).toBeGreaterThan(2 * worth({ cacheEntries: 32 }));
  expect(trials).toBeGreaterThan(0);
  expect(phases['hold-back']).toBeGreaterThan(0);
  const total = Object.values(phases).reduce((sum, one) => sum + one, 0);
  expect(total).toBeCloseTo(seconds ?? Number.NaN, 6);
});

test('a setting that was in force from the beginning was never proven', async () => {
  const { goal } = worldNamed('null-static');
  const world = makeWorld(worldNamed('null-static'), 1);
  expect(await untilProven(world, { goal, seed: 1, forMs: 100_000 })).toMatchObject({ seconds: null });
});
