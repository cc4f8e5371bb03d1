import { expect, it } from 'vitest';
import { committedRun } from '../../../bench/tuner/committed-run.ts';
import { guardWorld } from '../../../bench/tuner/guard-worlds.ts';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { seriesOf } from '../../support/series-of.ts';

it.each(['harm-slow-5s', 'harm-slow-20s'])(
  'in %s, where switching hurts both settings alike, no setting stays that is worse once it has',
  async (name) => {
    const runs = await seriesOf([1, 2, 3], (seed) =>
      committedRun(makeWorld(worldNamed(name), seed), { concurrency: 16 }, { seed, forMs: 240_000 }),
    );
    // Every pair says that it is better.
    expect(runs.map(({ committed }) => committed)).toEqual([true, true, true]);
    expect(runs.map(({ kept }) => kept)).toEqual([false, false, false]);
  },
  120_000,
);

it('failures too rare for a hold-back are seen once their setting rests, and it is left once the default alone has none', async () => {
  const { provenS, kept } = await committedRun(guardWorld('harm-errors-40', 109), { concurrency: 16 }, { seed: 109 });
  // Its hold-back has met no window in which calls failed.
  expect(provenS).not.toBeNull();
  expect(kept).toBe(false);
}, 120_000);

it('a harm that takes minutes to build up is seen once its setting is the anchor, by the level from before the change', async () => {
  const runs = await seriesOf([1, 2, 3], (seed) =>
    committedRun(guardWorld('harm-slow-300s', seed), { concurrency: 16 }, { seed }),
  );
  // Its hold-back has ended well.
  expect(runs.map(({ provenS }) => provenS !== null)).toEqual([true, true, true]);
  expect(runs.map(({ kept }) => kept)).toEqual([false, false, false]);
}, 120_000);
