import { expect, it } from 'vitest';
import { committedRun } from '../../../bench/tuner/committed-run.ts';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { seriesOf } from '../../support/series-of.ts';

/** Seeds of which the breakers alone let the candidate stay: its bad windows lie far apart. */
const seeds = [7, 30];

it('a setting that gains a tenth and all but stops in one window of eight does not stay once all calls were asked', async () => {
  const runs = await seriesOf(seeds, (seed) =>
    committedRun(makeWorld(worldNamed('harm-rare-8'), seed), { concurrency: 16 }, { seed, forMs: 120_000 }),
  );
  // Most windows are better, so that its trial keeps it.
  expect(runs.map(({ committed }) => committed)).toEqual([true, true]);
  expect(runs.map(({ kept }) => kept)).toEqual([false, false]);
}, 120_000);
