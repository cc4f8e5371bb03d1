/** Random faults on real pools and a real sandbox; `npm run accept -- wrap` plays many more. */
import { expect, it } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import { faultedPool, faultedSandbox } from '../../bench/accept/wrap/faulted.ts';
import { playFaults } from '../../bench/accept/wrap/random-faults.ts';
import { randomStream } from '../../src/foundation/random.ts';

const steps = 60;

it.each(copies)(
  'each call of a pool of $name settles once and the books balance, whatever befalls it',
  async (copy) => {
    const random = randomStream(1, copy.name);
    await using subject = faultedPool(copy, random);
    const { calls, wrong } = await playFaults(subject, random, steps);
    expect(wrong).toEqual([]);
    expect(calls).toBeGreaterThan(steps / 2);
  },
);

it('each call of a sandbox settles once and the books balance, whatever befalls it', async () => {
  const random = randomStream(1, 'sandbox');
  await using subject = await faultedSandbox(random);
  const { calls, wrong } = await playFaults(subject, random, steps);
  expect(wrong).toEqual([]);
  expect(calls).toBeGreaterThan(steps / 2);
});
