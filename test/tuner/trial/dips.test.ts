import { expect, it } from 'vitest';
import { baseline, bursty, quiet } from '../../../bench/worlds/arms.ts';
import { measureAll } from '../../../bench/worlds/measure.ts';
import { trialResults } from '../../../bench/worlds/run-trial.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { tripped } from '../../../tuner/trial/breakers.ts';
import { dipsIn, dropsToBlame } from '../../../tuner/trial/dips.ts';
import { designOf, windowOf } from './build-window.ts';

const compared = { goal: parseGoal({ maximize: 'throughput', subjectTo: [] }) };
const windows = (...oks: readonly number[]) => oks.map((ok, i) => windowOf({ ok, startMs: i * 1000 }));

it('a window far below its neighbours is a dip, and one that is half of two levels is none', () => {
  expect(dipsIn(compared, windows(1000, 1010, 700, 1000, 990, 1000))).toEqual({ count: 1, of: 6 });
  expect(dipsIn(compared, windows(1000, 1010, 850, 700, 710, 700))).toEqual({ count: 0, of: 6 });
  expect(dipsIn(compared, windows(1000))).toEqual({ count: 0, of: 0 });
});

it('two drops blame a candidate where no window has dipped, and the more of them are needed the more have', () => {
  const needed = [0, 1, 2, 4, 8].map((count) => dropsToBlame({ count, of: 10 }));
  expect(needed).toEqual([2, 3, 4, 5, 6]);
  expect(dropsToBlame({ count: 0, of: 10 }, { count: 2, of: 10 })).toBeGreaterThan(2);
});

it('two drops in a row trip no breaker where windows of the reference dipped as well, and many do', () => {
  const story = (letters: string) =>
    letters.split('').map((letter, i) => ({
      arm: letter === 'A' ? ('baseline' as const) : ('candidate' as const),
      window: windowOf({ ok: letter === 'B' ? 700 : 1000, startMs: i * 1000 }),
    }));
  const triggerOf = (letters: string, count: number) =>
    tripped(designOf({ sigmaD: 0.03, dips: { count, of: 10 } }), story(letters))?.trigger ?? null;
  expect(triggerOf('ABAB', 0)).toBe('breaker: drop');
  expect(triggerOf('ABAB', 2)).toBeNull();
  expect(triggerOf('ABABAABBA', 2)).toBe('breaker: drop');
});

it('bursts that both settings meet end at most one trial in fifty by a breaker, and a quiet machine has hardly a dip', async () => {
  const seeds = Array.from({ length: 150 }, (_, i) => i + 1);
  const results = await trialResults(bursty, {}, seeds);
  const ended = results.filter(({ trigger }) => triggers[trigger].judgedBy === 'breaker').length;
  expect(ended / seeds.length).toBeLessThanOrEqual(0.02);
  const dips = async (seed: number) =>
    dipsIn(compared, await measureAll(createWorld(quiet, seed), baseline, 20, { forMs: 500 })).count;
  const ofQuiet = await Promise.all(seeds.slice(0, 40).map(dips));
  expect(ofQuiet.filter((count) => count > 1).length).toBe(0);
}, 60_000);
