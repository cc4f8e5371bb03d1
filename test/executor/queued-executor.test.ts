import { expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';

it('refuses call options that would break a call half-way, runs nothing and closes', async () => {
  let runs = 0;
  const wrapped = wrap(async () => ++runs);
  for (const options of [{ signal: new AbortController() }, { intendedStartMs: Number.NaN }, 7]) {
    await expect(wrapped.run(undefined, options as never)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_ARGUMENTS',
      outcome: 'rejected',
    });
  }
  expect(runs).toBe(0);
  expect(wrapped.totals()).toMatchObject({ offered: 3, outcomes: { rejected: 3 }, inFlight: 0 });
  await wrapped.close();
});
