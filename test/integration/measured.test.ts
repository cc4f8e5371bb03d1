/** The tuner on an executor of the user's own: calls that take real time, real windows, real trials. */
import { expect, it } from 'vitest';
import { measured } from '../../src/executor/measured.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { tune } from '../../tuner/tune.ts';

it('tune() visits the values of a choice and of a switch, proves by trials which make calls faster, and commits them', async () => {
  await using executor = measured({
    name: 'service',
    load: 'closed',
    knobs: {
      route: { domain: ['far', 'near'], value: 'far' },
      verified: { domain: [true, false], value: true },
    },
    // Waiting for others takes no CPU, of which a machine that runs tests has little to spare.
    run: async (n: number, { settings }) => {
      await systemTimers.sleep((settings.route === 'far' ? 16 : 2) + (settings.verified ? 8 : 0), { keepAlive: true });
      return n + 1;
    },
  });
  let stopped = false;
  const caller = async () => {
    for (let n = 0; !stopped; n++) expect(await executor.run(n)).toBe(n + 1);
  };
  const load = Promise.all(Array.from({ length: 32 }, caller));
  try {
    await using tuner = tune(executor, {
      mode: 'auto',
      maximize: 'throughput',
      subjectTo: ['errors < 5%'],
      stateDir: ':memory:',
      seed: 3,
      expert: { windowMs: 60, baselineWindows: 6, noisePairs: 0, overheadPairs: 0, holdBackFraction: 0 },
    });
    await tuner.settled();
    expect(tuner.anchor).toEqual({ route: 'near', verified: false });
    await tuner.stop();
    expect(executor.knobs.map((knob) => knob.read().effective)).toEqual(['near', false]);
  } finally {
    stopped = true;
    await load;
  }
}, 60_000);
