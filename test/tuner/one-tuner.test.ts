import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { measured } from '../../src/executor/measured.ts';
import { modes } from '../../tuner/options.ts';
import { tune } from '../../tuner/tune.ts';
import { isUnderCandidate } from '../support/misbehaving.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { entryOf, quickOptions, ratedWorld, tunedWorld } from '../support/tuned-world.ts';

const tuned = expect.objectContaining({ code: 'ERR_SANDTUNE_TUNED' });

it.each(modes)(
  'an executor that a tuner in mode %s has is refused to a second one, in every mode, until the first has stopped',
  async (mode) => {
    const { world, tuner } = tunedWorld({ rate: () => 10_000 }, { mode });
    for (const second of modes) expect(() => tune(world.executor, { ...quickOptions, mode: second })).toThrow(tuned);
    await tuner.stop();
    await tune(world.executor, { ...quickOptions, surroundings: manualTime(world).surroundings }).stop();
  },
);

it('says which executor it is, in which mode the tuner that has it is, and how to end that', async () => {
  const { world, tuner } = tunedWorld({ rate: () => 10_000, name: 'resize' });
  expect(() => tune(world.executor)).toThrow(/"resize".*mode 'auto'.*await its stop\(\)/);
  await tuner.stop();
});

it('a tuner that could not return to its anchor leaves the executor to the next one, which stands on the anchor', async () => {
  let refuses = false;
  const knobs = [{ id: 'size', defaultValue: 1, refuses: () => refuses }];
  const { world, tuner } = tunedWorld({ rate: () => 10_000, knobs });
  void tuner.propose({ size: 8 });
  await entryOf(tuner, isUnderCandidate);
  refuses = true;
  await expect(tuner.stop()).rejects.toThrow(/size at 8 instead of 1/);
  refuses = false;
  const next = tune(world.executor, { ...quickOptions, surroundings: manualTime(world).surroundings });
  expect(next.anchor).toEqual({ size: 1 });
  await next.stop();
  expect(world.settings()).toEqual({ size: 1 });
});

it('a tuner that failed leaves the knobs alone when it is stopped while the next one has them', async () => {
  let refuses = false;
  const knobs = [{ id: 'size', defaultValue: 1, refuses: () => refuses }];
  const { world, tuner } = tunedWorld({ rate: () => 10_000, knobs });
  void tuner.propose({ size: 8 });
  await entryOf(tuner, isUnderCandidate);
  refuses = true;
  await vi.waitFor(() => expect(tuner.mode).toBe('off'), 10_000);
  refuses = false;
  const next = tune(world.executor, { ...quickOptions, surroundings: manualTime(world).surroundings });
  void next.propose({ size: 8 });
  await entryOf(next, isUnderCandidate);
  const applied = world.applied.length;
  await tuner.stop();
  expect(world.applied.slice(applied)).toEqual([]);
  await next.stop();
  expect(world.settings()).toEqual({ size: 1 });
});

it('a tune() that throws, for its options or while it begins, has not taken the executor', async () => {
  const world = ratedWorld({ rate: () => 10_000 });
  expect(() => tune(world.executor, { ...quickOptions, fixed: { size: 0 } })).toThrow(/size: expected/);
  const broken = () => {
    throw new Error('no time');
  };
  const surroundings = { clock: { now: broken, timeOrigin: 0 }, environment: {} };
  expect(() => tune(world.executor, { ...quickOptions, surroundings })).toThrow(/no time/);
  await tune(world.executor, { ...quickOptions, surroundings: manualTime(world).surroundings }).stop();
});

it('two executors that share a knob have one tuner', async () => {
  const { world, tuner } = tunedWorld({ rate: () => 10_000 });
  expect(() => tune({ ...world.executor, name: 'copy' }, quickOptions)).toThrow(tuned);
  await tuner.stop();
});

it('executors that share nothing have a tuner each', async () => {
  const run = (n: number) => n;
  const tuners = ['a', 'b'].map((name) => tune(measured({ name, run }), { stateDir: ':memory:' }));
  await Promise.all(tuners.map((tuner) => tuner.stop()));
});

it('two executors of one name that are tuned from one folder are told of, in a warning and in the session', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const stateDir = temporaryFolder();
  const first = tunedWorld({ rate: () => 10_000, name: 'twin' }, { stateDir, mode: 'observe' });
  const other = tunedWorld({ rate: () => 10_000, name: 'other' }, { stateDir, mode: 'observe' });
  const second = tunedWorld({ rate: () => 10_000, name: 'twin' }, { stateDir: join(stateDir, '.'), mode: 'observe' });
  const notes = [first, other, second].map(({ tuner }) =>
    tuner.history.notes.filter((one) => one.code === 'shared-name').map((one) => one.text),
  );
  expect(notes).toEqual([[], [], [expect.stringContaining('"twin"')]]);
  const codes = warned.mock.calls.map(([, options]) => (options as { code?: string }).code);
  expect(codes.filter((code) => code === 'SANDTUNE_NAME')).toHaveLength(1);
  warned.mockRestore();
  for (const { tuner } of [first, other, second]) await tuner[Symbol.asyncDispose]();
});

it('a tuner that is off and that nobody holds any more takes its claim with it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const world = ratedWorld({ rate: () => 10_000 });
  (() => void tune(world.executor, { ...quickOptions, mode: 'off' }))();
  await sleep(10);
  collect();
  await tune(world.executor, { ...quickOptions, mode: 'off' }).stop();
});
