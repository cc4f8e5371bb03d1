/** Probes and flips in a whole session: how long a harm lasts, and that one setting is truly tried against itself. */
import { expect, it, onTestFinished } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { batched } from '../../../bench/worlds/laws.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { batchKnob } from '../../../bench/worlds/pool.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Window } from '../../../src/contracts.ts';
import { tune } from '../../../tuner/tune.ts';
import { entryOf, isRecord, quickOptions, recordsOf, tunedWorld } from '../../support/tuned-world.ts';

it('a probe that hurts ends after its first window', async () => {
  const world = createWorld(
    {
      name: 'harmful elsewhere',
      knobs: [{ id: 'concurrency', defaultValue: 8, domain: { min: 1, max: 64, scale: 'log', integer: true } }],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency }) => ({ perSecond: concurrency === 8 ? 2000 : 600, waitShare: 0.5 }),
      noise: { sigma: 0.02 },
    },
    1,
  );
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, { ...quickOptions, surroundings });
  onTestFinished(() => tuner.stop());
  const elsewhere: Window[] = [];
  tuner.watch((entry) => {
    if (entry.kind === 'event' && entry.event.kind === 'measured' && entry.event.window.settings['concurrency'] !== 8)
      elsewhere.push(entry.event.window);
  });
  await tuner.settled();
  const probes = recordsOf(tuner, 'probe');
  expect(probes.length).toBeGreaterThan(0);
  expect(elsewhere).toHaveLength(probes.length);
});

it('that no probe may be made is said once, however many rests go by', async () => {
  const world = makeWorld(worldNamed('null-static'), 1);
  const { surroundings, timers } = manualTime(world);
  const tuner = tune(world.executor, { mode: 'advise', stateDir: ':memory:', maximize: 'throughput', surroundings });
  onTestFinished(() => tuner.stop());
  await timers.sleep(3 * 3_600_000);
  expect(recordsOf(tuner, 'phase').filter(({ phase }) => phase === 'resting').length).toBeGreaterThan(3);
  expect(recordsOf(tuner, 'not-tried').filter(({ code }) => code === 'needs-probe')).toHaveLength(1);
});

it('a trial of one setting against itself applies every knob at each change of arm', async () => {
  const { world, tuner } = tunedWorld({ rate: () => 10_000 }, { fixed: { size: 1 } });
  await tuner.settled();
  const [noise] = recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'a/a');
  expect(noise).toBeDefined();
  expect(world.applied.length).toBeGreaterThanOrEqual(6);
  expect(world.applied.every(([id, value]) => id === 'size' && value === 1)).toBe(true);
});

it('what a model proposes is looked at before its trial, and followed while it rises', async () => {
  const law = batched({ width: 2, perCallMs: 1, perBatchMs: 1 });
  const world = createWorld(
    {
      name: 'batches',
      knobs: [batchKnob],
      load: { kind: 'closed', inFlight: 64 },
      law,
      noise: { sigma: 0.02 },
    },
    2,
  );
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, { ...quickOptions, surroundings });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  await entryOf(tuner, isRecord('sealed'));
  const [sealed] = recordsOf(tuner, 'sealed');
  const looks = recordsOf(tuner, 'probe').map(({ settings }) => settings);
  expect(looks).toContainEqual(sealed?.settings);
  expect(looks.length).toBeGreaterThan(1);
  expect(sealed?.settings['batchSize']).toBeGreaterThanOrEqual(16);
});

it('a look ends after one window where that is plain, and after three where it is not', async () => {
  const windowsAt = async (factor: number) => {
    const world = createWorld(
      {
        name: 'steps',
        knobs: [{ id: 'concurrency', defaultValue: 8, domain: { min: 8, max: 16, scale: 'log', integer: true } }],
        load: { kind: 'closed', inFlight: 64 },
        law: ({ concurrency }) => ({ perSecond: concurrency === 8 ? 2000 : 2000 * factor, waitShare: 0.5 }),
        noise: { sigma: 0.02 },
      },
      1,
    );
    const { surroundings } = manualTime(world);
    const tuner = tune(world.executor, { ...quickOptions, surroundings });
    onTestFinished(() => tuner.stop().catch(() => undefined));
    let count = 0;
    let isOver = false;
    tuner.watch((entry) => {
      if (entry.kind === 'record' && (entry.record.kind === 'sealed' || entry.record.kind === 'phase')) isOver = true;
      const at = entry.kind === 'event' && entry.event.kind === 'measured' ? entry.event.window.settings : {};
      if (!isOver && Number(at['concurrency']) > 8) count++;
    });
    await entryOf(tuner, (entry) => isOver || isRecord('phase')(entry));
    return count;
  };
  expect(await windowsAt(1.8)).toBe(1);
  expect(await windowsAt(1.06)).toBe(3);
});
