/** Random faults on real pools and a real sandbox; `npm run accept -- wrap` plays many more. */
import { expect, it } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import { faultedPool, faultedSandbox } from '../../bench/accept/wrap/faulted.ts';
import { playFaults } from '../../bench/accept/wrap/random-faults.ts';
import { randomStream } from '../../src/foundation/random.ts';

const steps = 60;

it.each(copies.flatMap((copy) => [1, 2].map((seed) => [copy.name, seed, copy] as const)))(
  'each call of a pool of %s settles once and the books balance, whatever befalls it (seed %i)',
  async (_, seed, copy) => {
    const random = randomStream(seed, copy.name);
    await using subject = faultedPool(copy, random);
    const { calls, wrong } = await playFaults(subject, random, steps);
    expect({ wrong, calls }).toEqual({ wrong: [], calls: expect.toSatisfy((count) => count > steps / 2) });
  },
);

it.each([1, 2])(
  'each call of a sandbox settles once and the books balance, whatever befalls it (seed %i)',
  async (seed) => {
    const random = randomStream(seed, 'sandbox');
    await using subject = await faultedSandbox(random);
    const { calls, wrong } = await playFaults(subject, random, steps);
    expect({ wrong, calls }).toEqual({ wrong: [], calls: expect.toSatisfy((count) => count > steps / 2) });
  },
);
