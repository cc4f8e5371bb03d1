/** The tuner on an executor of the user's own: real work, real windows, a real trial. */
import { expect, it } from 'vitest';
import { measured } from '../../src/executor/measured.ts';
import { tune } from '../../tuner/tune.ts';

/** The same sum by two ways, one of which does most of the work for nothing. */
const ways = {
  careful: (n: number) => {
    let sum = 0;
    for (let i = 1; i <= n; i++) for (let again = 0; again < 20; again++) sum = again === 0 ? sum + i : sum;
    return sum;
  },
  formula: (n: number) => (n * (n + 1)) / 2,
};

it('tune() visits the values of a choice and of a switch, proves by trials which make calls faster, and commits them', async () => {
  await using executor = measured({
    name: 'sums',
    load: 'closed',
    knobs: {
      way: { domain: ['careful', 'formula'], value: 'careful' },
      checked: { domain: [true, false], value: true },
    },
    run: (n: number, { settings }) => {
      const tenth = n / 10;
      if (settings.checked && ways.careful(tenth) !== ways.formula(tenth)) throw new Error('expected one sum, got two');
      return settings.way === 'formula' ? ways.formula(n) : ways.careful(n);
    },
  });
  const n = 4000;
  let stopped = false;
  const load = (async () => {
    while (!stopped) {
      expect(await executor.run(n)).toBe((n * (n + 1)) / 2);
      // A turn of the event loop, in which timers come due.
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  try {
    await using tuner = tune(executor, {
      mode: 'auto',
      maximize: 'throughput',
      subjectTo: ['errors < 5%'],
      stateDir: ':memory:',
      seed: 3,
      expert: { windowMs: 50, baselineWindows: 6, noisePairs: 0, overheadPairs: 0, holdBackFraction: 0 },
    });
    await tuner.settled();
    expect(tuner.anchor).toEqual({ way: 'formula', checked: false });
    await tuner.stop();
    expect(executor.knobs.map((knob) => knob.read().effective)).toEqual(['formula', false]);
  } finally {
    stopped = true;
    await load;
  }
});
