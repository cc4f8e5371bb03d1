/** A service of few calls in mode auto, under the guardrails that everybody has who wrote none. */
import { expect, it, onTestFinished } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { batched } from '../../../bench/worlds/laws.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { batchKnob } from '../../../bench/worlds/pool.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { report } from '../../../exporters/index.ts';
import type { TuneOptions } from '../../../tuner/options.ts';
import { tune } from '../../../tuner/tune.ts';
import { storyText } from '../../exporters/terminal/live/story-text.ts';
import { recordsOf } from '../../support/tuned-world.ts';

it('a setting that would serve seventy calls a second several times as fast is tried, with windows long enough for the default guardrails', async () => {
  const world = createWorld(
    {
      name: 'few calls',
      knobs: [batchKnob],
      load: { kind: 'closed', inFlight: 8 },
      law: batched({ width: 1, perBatchMs: 13, perCallMs: 1 }),
      noise: { sigma: 0.05 },
    },
    3,
  );
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, {
    mode: 'auto',
    stateDir: ':memory:',
    seed: 5,
    surroundings,
    expert: { overheadPairs: 0, noisePairs: 0 },
  });
  onTestFinished(() => tuner.stop());
  const isTried = new Promise<void>((resolve) => {
    tuner.watch((entry) => {
      if (entry.kind === 'record' && entry.record.kind === 'sealed') resolve();
    });
  });
  await Promise.race([isTried, tuner.settled()]);
  const [tried] = recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'candidate');
  expect(tried?.unjudged).toEqual([]);
  expect(tried?.design.windowMs).toBeGreaterThan(700);
});

/** `tune()` with its defaults in a world of the catalogue, for so long. */
async function tuned(name: string, forMs: number, options: TuneOptions = {}) {
  const entry = worldNamed(name);
  const world = makeWorld(entry, 1);
  const { surroundings, timers } = manualTime(world);
  const { goal } = entry;
  const tuner = tune(world.executor, {
    mode: 'auto',
    stateDir: ':memory:',
    seed: 1,
    ...goal,
    surroundings,
    ...options,
  });
  onTestFinished(() => tuner.stop());
  await timers.sleep(forMs);
  return tuner;
}

it('twenty calls a second are tuned under the tightest of the default guardrails that they can judge, and story and report say what was wished and what it became', async () => {
  const tuner = await tuned('slow-20', 600_000);
  const [tried] = recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'candidate');
  expect(tried?.unjudged).toEqual([]);
  expect(tried?.design.goal.guardrails).toContainEqual(
    expect.objectContaining({ text: 'p95 within 10%', insteadOf: 'p99 within 10%' }),
  );
  expect(recordsOf(tuner, 'decision')[0]).toMatchObject({ decision: 'commit' });
  const both = 'p95 within 10% (in place of p99 within 10%, for which calls are too few)';
  expect(storyText(tuner.ledger.read(), 200)).toContain(both);
  expect(report(tuner.ledger).html).toContain(both);
});

it('a guardrail that somebody wrote and that so few calls cannot judge blocks the trial, and names the option that would allow it', async () => {
  const tuner = await tuned('slow-20', 200_000, { subjectTo: ['errors within 0.1pp'] });
  expect(recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'candidate')).toEqual([]);
  const refused = recordsOf(tuner, 'not-tried').find(({ code }) => code === 'unjudgeable');
  expect(refused?.reason).toContain('errors within 0.1pp');
  expect(refused?.refused?.allow).toEqual([{ option: 'maxDurationMs', value: expect.any(Number) }]);
});
