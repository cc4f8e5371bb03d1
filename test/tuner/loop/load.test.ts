import { expect, onTestFinished, test } from 'vitest';
import { quiet } from '../../../bench/worlds/arms.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld, type SimulatedWorld } from '../../../bench/worlds/simulated.ts';
import type { Settings } from '../../../src/contracts.ts';
import type { GoalWords } from '../../../tuner/goal.ts';
import type { TuneOptions } from '../../../tuner/options.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { betterFromEight, entryOf, isRecord, quickOptions, recordsOf } from '../../support/tuned-world.ts';

function tuned(world: SimulatedWorld, options: TuneOptions & GoalWords): Tuner {
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, { ...options, surroundings });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  return tuner;
}

/** A closed load whose size is set from outside. */
function loaded() {
  let inFlight = 64;
  const load = { kind: 'closed', inFlight: () => inFlight } as const;
  const law = (settings: { readonly [id: string]: unknown }) => ({
    perSecond: betterFromEight({ size: Number(settings['size']) }),
  });
  const world = createWorld({ ...quiet, load, law, noise: { sigma: 0.02, tail: 0.08 } }, 1);
  const tuner = tuned(world, quickOptions);
  const becomes = (calls: number) => {
    inFlight = calls;
  };
  return { tuner, becomes };
}

test('a load that doubles in a trial ends it without a verdict, and blames nobody', async () => {
  const { tuner, becomes } = loaded();
  const answered = tuner.propose({ size: 8 });
  await entryOf(tuner, isRecord('pair'));
  becomes(160);
  expect(await answered).toMatchObject({ decision: 'revert', trigger: 'load changed', settings: { size: 1 } });
  expect(recordsOf(tuner, 'back-off')).toEqual([]);
  // It may be tried again at once.
  expect(await tuner.propose({ size: 8 })).toMatchObject({ decision: 'commit' });
}, 120_000);

test('a hold-back that is not passed leaves the executor on the setting before', async () => {
  let good = true;
  const law = ({ size }: { readonly [id: string]: unknown }) => ({
    perSecond: size === 8 ? (good ? 15_000 : 6000) : 10_000,
  });
  const world = createWorld({ ...quiet, law, noise: { sigma: 0.02, tail: 0.08 } }, 1);
  const tuner = tuned(world, quickOptions);
  let commits = 0;
  tuner.propose({ size: 8 }).catch(() => undefined);
  await entryOf(tuner, (entry) => isRecord('decision')(entry) && ++commits === 1);
  good = false;
  let decisions = 0;
  await entryOf(tuner, (entry) => isRecord('decision')(entry) && ++decisions === 2);
  expect(recordsOf(tuner, 'decision').at(-1)).toMatchObject({ decision: 'revert', settings: { size: 1 } });
  await entryOf(tuner, isRecord('back-off'));
  await tuner.settled();
  expect(world.settings()).toEqual({ size: 1 });
}, 120_000);

test('a search ends when its probes have been worse than the setting in force for as long as they may', async () => {
  const domain = Array.from({ length: 40 }, (_, i) => `way ${i}`);
  const knobs = [{ id: 'way', defaultValue: 'way 0', domain }];
  const law = ({ way }: Settings) => ({ perSecond: way === 'way 0' ? 10_000 : 8000 });
  const world = createWorld({ ...quiet, knobs, law, noise: { sigma: 0.02, tail: 0.08 } }, 1);
  const tuner = tuned(world, { ...quickOptions, expert: { ...quickOptions.expert, windowMs: 1000, noisePairs: 0 } });
  const refused = () => recordsOf(tuner, 'not-tried').find(({ code }) => code === 'needs-probe');
  await entryOf(tuner, (entry) => isRecord('not-tried')(entry) && refused() !== undefined);
  const probes = recordsOf(tuner, 'probe');
  expect(probes.at(-1)?.harmedMs).toBeGreaterThan(9000);
  expect(probes.at(-1)?.harmedMs).toBeLessThan(13_000);
  expect(refused()?.reason).toContain('probes have harmed calls for');
}, 120_000);
