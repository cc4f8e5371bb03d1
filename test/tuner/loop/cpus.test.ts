import { expect, onTestFinished, test } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import type { TunerRecord } from '../../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../../tuner/options.ts';
import { replay } from '../../../tuner/replay.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { betterFromEight, entryOf, isRecord, quickOptions, ratedWorld, recordsOf } from '../../support/tuned-world.ts';

const better = { size: 8 };

/** A tuner of a process that has four CPUs until it is told otherwise. */
function onCpus(options: TuneOptions = {}): { readonly tuner: Tuner; readonly has: (cpus: number) => void } {
  const world = ratedWorld({ rate: betterFromEight });
  let now = 4;
  const { surroundings } = manualTime({ advance: (ms) => world.advance(ms), cpus: () => now });
  const expert = { ...quickOptions.expert, ...options.expert };
  const tuner = tune(world.executor, { ...quickOptions, surroundings, ...options, expert });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  const has = (cpus: number) => {
    now = cpus;
  };
  return { tuner, has };
}

/** Resolves with the n-th record of a kind. */
function nth(tuner: Tuner, kind: TunerRecord['kind'], count: number) {
  let seen = 0;
  return entryOf(tuner, (entry) => isRecord(kind)(entry) && ++seen === count);
}

test('the CPUs of its surroundings are those of its session', async () => {
  const { tuner } = onCpus();
  await tuner.settled();
  expect(tuner.history.entry.environment.cores).toBe(4);
});

test('CPUs that change in a trial end it without a verdict, blame nobody, and a new reference is taken', async () => {
  const { tuner, has } = onCpus();
  const answered = tuner.propose(better);
  await entryOf(tuner, isRecord('pair'));
  const references = recordsOf(tuner, 'baseline').length;
  has(2);
  expect(await answered).toMatchObject({ decision: 'revert', trigger: 'cpus changed' });
  await nth(tuner, 'baseline', references + 1);
  const { trial } = recordsOf(tuner, 'decision')[0] ?? expect.fail('nothing was decided');
  expect(recordsOf(tuner, 'verdict').filter((one) => one.trial === trial)).toEqual([]);
  expect(recordsOf(tuner, 'back-off')).toEqual([]);
  expect(recordsOf(tuner, 'shift')).toMatchObject([{ of: 'cpus', from: 4, to: 2 }]);
  expect(recordsOf(tuner, 'baseline')).toHaveLength(references + 1);
  await tuner.stop();
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
});

test('CPUs that change in a hold-back take the commit back, and it may be tried again at once', async () => {
  const { tuner, has } = onCpus();
  tuner.propose(better).catch(() => undefined);
  await nth(tuner, 'decision', 1);
  has(8);
  await nth(tuner, 'decision', 2);
  expect(recordsOf(tuner, 'decision')).toMatchObject([
    { decision: 'commit' },
    { decision: 'revert', trigger: 'cpus changed' },
  ]);
  expect(tuner.anchor).toEqual({ size: 1 });
  expect(await tuner.propose(better)).toMatchObject({ decision: 'commit' });
});

test('CPUs that change while one setting is compared with itself say nothing of the noise', async () => {
  const { tuner, has } = onCpus({ expert: { noiseFirst: true } });
  await entryOf(tuner, isRecord('pair'));
  has(2);
  await entryOf(tuner, isRecord('noise'));
  const [first, second] = recordsOf(tuner, 'trial');
  expect([first, second]).toMatchObject([{ purpose: 'a/a' }, { purpose: 'a/a' }]);
  expect(recordsOf(tuner, 'verdict')).toMatchObject([{ trial: second?.trial }]);
});

test('windows of two CPU counts are in no reference together', async () => {
  const { tuner, has } = onCpus({ mode: 'observe' });
  await entryOf(tuner, ({ kind }) => kind === 'event');
  has(1);
  await entryOf(tuner, isRecord('baseline'));
  const cpus = [...tuner.ledger.read()].flatMap((entry) =>
    entry.kind === 'event' && entry.event.kind === 'measured' ? [entry.event.cpus] : [],
  );
  expect(cpus.slice(-8)).toEqual(Array.from({ length: 8 }, () => 1));
});
