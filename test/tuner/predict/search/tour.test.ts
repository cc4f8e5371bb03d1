/** When looks are made at what nobody expects anything of: once a day, and not after the process ended under one. */
import { expect, it, onTestFinished } from 'vitest';
import { everyMs, numberKnob, throughput, usualNoise } from '../../../../bench/worlds/catalogue/entry.ts';
import { manualTime } from '../../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../../bench/worlds/simulated.ts';
import { deathsIn } from '../../../../tuner/predict/search/deaths.ts';
import { mayTourAt, overTour, tourAt } from '../../../../tuner/predict/search/tour.ts';
import { tune } from '../../../../tuner/tune.ts';
import { recordsOf } from '../../../support/tuned-world.ts';

const hourMs = 3_600_000;

it('the next tour comes a day after one that is over, and none in a session whose process ended before', () => {
  const first = tourAt(null, hourMs);
  expect(mayTourAt(null, 0)).toBe(true);
  expect(mayTourAt(first, 2 * hourMs)).toBe(true);
  expect(tourAt(first, 2 * hourMs)).toEqual(first);
  expect(mayTourAt(overTour(first), 24 * hourMs)).toBe(false);
  expect(mayTourAt(overTour(first), 25 * hourMs)).toBe(true);
  expect(mayTourAt({ ...first, is: 'barred' }, 100 * hourMs)).toBe(false);
});

it('a setting under which the process ended counts until it was survived', () => {
  const death = { settings: { size: 8 }, from: { size: 1 }, gain: -3, sd: 0.1, windows: 1, died: true } as const;
  const { died: _, ...survived } = { ...death, gain: 0 };
  expect(deathsIn([survived, death])).toEqual([death]);
  expect(deathsIn([death, survived])).toEqual([]);
});

/** What a tuner looks at in an hour while idle, where no knob does anything. @param changeMs for so long after a change calls come at a tenth */
async function looksIn(changeMs: number) {
  const work = { fill: 1, busyFraction: 1, hostMs: 10, workerMs: 1960, batchMs: 2000, executeMs: 2000 };
  const world = createWorld(
    {
      name: 'idle',
      load: { kind: 'closed', inFlight: 64 },
      noise: usualNoise,
      knobs: [numberKnob('threads', 4, { max: 64 })],
      law: (_settings, atMs, { stayedMs }) => ({
        perSecond: (Math.floor(atMs / 1_200_000) % 2 ? 3000 : 2000) * (stayedMs < changeMs ? 0.1 : 1),
        work,
        waitShare: 0.9,
      }),
      changes: everyMs(500),
    },
    1,
  );
  const { surroundings, timers } = manualTime(world);
  const tuner = tune(world.executor, { mode: 'auto', stateDir: ':memory:', ...throughput, seed: 1, surroundings });
  onTestFinished(() => tuner.stop());
  await timers.sleep(hourMs);
  const looks = recordsOf(tuner, 'probe').filter(({ tourBeganAtMs }) => tourBeganAtMs !== undefined);
  return { looks, shifts: recordsOf(tuner, 'shift'), visits: recordsOf(tuner, 'visit') };
}

it('once idle, knobs of which nothing is expected are looked at, and after a shift not again on the same day', async () => {
  const { looks, shifts } = await looksIn(0);
  expect(shifts.length).toBeGreaterThan(0);
  expect(looks.length).toBeGreaterThan(1);
  expect(new Set(looks.map(({ tourBeganAtMs }) => tourBeganAtMs)).size).toBe(1);
  const keys = looks.map(({ settings }) => JSON.stringify(settings));
  expect(new Set(keys).size).toBe(keys.length);
}, 60_000);

it('the first look at a knob whose change loses calls is the last, and is charged with what it lost', async () => {
  const { looks, visits } = await looksIn(5000);
  expect(looks).toHaveLength(1);
  expect(visits[0]?.owedMs).toBeGreaterThan(4000);
}, 60_000);
