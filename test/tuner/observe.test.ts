import { expect, it } from 'vitest';
import { report } from '../../exporters/index.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { tune } from '../../tuner/tune.ts';

it('observe has measured its noise and its cost, and touched no knob, when it calls itself settled', async () => {
  const executor = wrap(
    async (input: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      return input;
    },
    { concurrency: { value: 4, max: 8 } },
  );
  const tuner = tune(executor, {
    maximize: 'throughput',
    stateDir: ':memory:',
    expert: { windowMs: 50, baselineWindows: 6, minCompletions: 1, overheadPairs: 2 },
  });
  let isOn = true;
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (isOn) await executor.run(1);
    }),
  );
  await tuner.settled();
  const { data, html, markdown } = report(tuner.ledger);
  isOn = false;
  await load;
  await tuner[Symbol.asyncDispose]();
  await executor.close();
  expect(data.noise).toMatchObject({ source: 'adjacent windows', trial: null });
  expect(data.measuring?.pairs).toBeGreaterThan(0);
  for (const text of [html, markdown]) expect(text).toMatch(/adjacent windows at rest, no knob touched/);
  expect(data.figures.map((one) => one.name)).toEqual(
    expect.arrayContaining(['Noise', 'Throughput', 'Cost of measuring']),
  );
  expect(data.settings.knobs.map((one) => one.judged)).toEqual([false]);
  expect(html).not.toContain('>keep<');
});
