import { expect, it } from 'vitest';
import { counted, countedIn, nullNames } from '../../../bench/tuner/level-jobs.ts';

it('trials of nothing and proposals are counted on threads as they are in this one, in the order they were asked for', async () => {
  const jobs = [
    { kind: 'trials', null: 'quiet', seeds: [1, 2] },
    { kind: 'trials', null: 'null-gc', seeds: [3] },
    { kind: 'proposal', effect: 0.2, seed: 1 },
    { kind: 'alone', null: 'null-static', seed: 1, forMs: 30_000 },
  ] as const;
  const told = await countedIn(jobs, { threads: 2 });
  expect(told).toEqual(await Promise.all(jobs.map(counted)));
  expect(told.slice(0, 3)).toMatchObject([{ trials: 2 }, { trials: 1 }, { gains: 1, trials: 1 }]);
  expect(nullNames).toEqual(expect.arrayContaining(['quiet', 'null-gc']));
});
