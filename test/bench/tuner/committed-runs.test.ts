import { expect, it } from 'vitest';
import { type CommittedJob, committedRuns } from '../../../bench/tuner/committed-runs.ts';

const job = (world: string, more: Partial<CommittedJob> = {}): CommittedJob => ({
  world,
  proposal: { concurrency: 16 },
  seed: 1,
  ...more,
});

it('runs of a commit end once it is proven where nothing later is asked, and without a hold-back it is proven at once', async () => {
  const [held, atOnce] = await committedRuns([
    job('harmless-10', { untilProven: true }),
    job('harmless-10', { expert: { holdBackFraction: 0 }, forMs: 1000 }),
  ]);
  expect(held).toMatchObject({ committed: true, kept: true });
  expect(atOnce).toMatchObject({ committed: true, kept: true });
  expect(held?.provenS).toBeGreaterThan(atOnce?.provenS ?? Infinity);
});

it('a world that nobody knows ends the runs with an error that names it', async () => {
  await expect(committedRuns([job('harm-unheard-of')])).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_OPTION',
    message: expect.stringContaining('harm-unheard-of'),
  });
});
