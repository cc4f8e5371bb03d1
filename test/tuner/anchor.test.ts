import { expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { report } from '../../exporters/index.ts';
import { measured } from '../../src/executor/measured.ts';
import { type Mode, modes } from '../../tuner/options.ts';
import { tune } from '../../tuner/tune.ts';
import { betterFromEight, entryOf, isRecord, quickOptions, ratedWorld, tunedWorld } from '../support/tuned-world.ts';

it.each(modes)(
  'in mode %s the anchor is what was configured, though a knob was set by hand before',
  async (mode: Mode) => {
    const world = ratedWorld({ rate: () => 10_000 });
    await world.executor.knobs[0]?.apply(16);
    const tuner = tune(world.executor, { ...quickOptions, mode, surroundings: manualTime(world).surroundings });
    if (mode !== 'off') await entryOf(tuner, isRecord('baseline'));
    expect(tuner.anchor).toEqual({ size: 1 });
    await tuner.stop();
    const changes = mode === 'confirm' || mode === 'auto';
    expect(world.settings()).toEqual({ size: changes ? 1 : 16 });
  },
);

it('a tuner that only observes tells what is in force beside the anchor', async () => {
  const world = ratedWorld({ rate: () => 10_000 });
  await world.executor.knobs[0]?.apply(16);
  const tuner = tune(world.executor, {
    ...quickOptions,
    mode: 'observe',
    surroundings: manualTime(world).surroundings,
  });
  expect(tuner.history).toMatchObject({ anchor: { size: 1 }, inForce: { size: 16 } });
  await entryOf(tuner, isRecord('baseline'));
  expect(report(tuner.ledger).data.settings).toMatchObject({ start: { size: 16 }, knobs: [{ id: 'size', start: 16 }] });
  await tuner.stop();
});

it('a setting that was committed and not to be kept is no anchor for the next tuner of the process', async () => {
  const { world, tuner } = tunedWorld({ rate: betterFromEight });
  await tuner.propose({ size: 8 });
  await tuner.settled();
  await tuner.stop();
  expect(world.settings()).toEqual({ size: 8 });
  const next = tune(world.executor, { ...quickOptions, surroundings: manualTime(world).surroundings });
  expect(next.anchor).toEqual({ size: 1 });
  await next.stop();
});

it('what a user said when an executor was made is what it was configured with', async () => {
  const executor = measured({ name: 'm', knobs: { width: { domain: [1, 2, 4], value: 4 } }, run: (n: number) => n });
  const tuner = tune(executor, { stateDir: ':memory:' });
  expect(tuner.anchor).toEqual({ width: 4 });
  await tuner.stop();
});
