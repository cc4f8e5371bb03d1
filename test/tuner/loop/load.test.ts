import { expect, onTestFinished, test } from 'vitest';
import { quiet } from '../../../bench/worlds/arms.ts';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld, type SimulatedWorld } from '../../../bench/worlds/simulated.ts';
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

test('models that would see one setting after the other get three probes between two rests', async () => {
  const entry = worldNamed('joint-8');
  const expert = { noisePairs: 0, overheadPairs: 0 };
  const tuner = tuned(makeWorld(entry, 1), { mode: 'auto', stateDir: ':memory:', ...entry.goal, seed: 1, expert });
  let [probes, most] = [0, 0];
  await entryOf(tuner, ({ kind, ...entry }) => {
    const record = kind === 'record' && 'record' in entry ? entry.record : null;
    if (record?.kind === 'probe') most = Math.max(most, ++probes);
    if (record?.kind === 'phase' && record.phase === 'resting') probes = 0;
    return record?.kind === 'not-tried' && record.code === 'needs-probe';
  });
  expect(most).toBe(3);
}, 120_000);
