import { expect, it } from 'vitest';
import type { Settings } from '../../../src/contracts.ts';
import { type Context, isOpen } from '../../../tuner/predict/context.ts';
import { looksWell, seenOf } from '../../../tuner/predict/memory.ts';
import { knob, seenWith } from './seen.ts';

const current = { concurrency: 8, batchSize: 4, engine: 'a' };
const knobs = ['concurrency', 'batchSize', 'engine'].map((id) => knob(id));
const isOpenAfter = (harmful: Settings, settings: Settings) =>
  isOpen(
    {
      seen: seenWith(knobs, current, [], { ruledOut: [harmful], harmful: [harmful] }),
      room: null,
    } as unknown as Context,
    settings,
  );

it.each<[string, Settings, Settings, boolean]>([
  ['lies as far the same way', { concurrency: 16 }, { ...current, concurrency: 16, batchSize: 8 }, false],
  ['lies farther the same way', { concurrency: 16 }, { ...current, concurrency: 32 }, false],
  ['lies nearer', { concurrency: 16 }, { ...current, concurrency: 12 }, true],
  ['lies the other way', { concurrency: 16 }, { ...current, concurrency: 4 }, true],
  ['moves another knob', { concurrency: 16 }, { ...current, batchSize: 16 }, true],
  [
    'moves one of two down as well',
    { concurrency: 16, batchSize: 2 },
    { ...current, concurrency: 16, batchSize: 1 },
    false,
  ],
  ['moves one of two only', { concurrency: 16, batchSize: 2 }, { ...current, concurrency: 16 }, true],
  ['is of the same kind', { engine: 'b' }, { ...current, engine: 'b', batchSize: 8 }, false],
  ['is of another kind', { engine: 'b' }, { ...current, engine: 'c' }, true],
])('beside a setting that was proven better and then did harm, one that %s is open: %#', (_, harmful, asked, open) => {
  expect(isOpenAfter(harmful, asked)).toBe(open);
});

const { goal } = seenWith(knobs, current, []);
const facts = {
  session: { goal, knobs, load: 'closed', options: { fixed: {}, minGain: 0, minProbability: 0 } },
  reference: { windows: [], sigmaD: 0.05, cpus: 2 },
  current,
  seen: [],
  visits: [],
  changeCosts: {},
  restingKnobs: [],
  cpus: 2,
} as unknown as Omit<Parameters<typeof seenOf>[0], 'ruledOut'>;

it('a setting is taken to do harm by what it counts for, and while it is ruled out', () => {
  const of = (failures: number, untilMs: number) =>
    seenOf({ ...facts, ruledOut: [{ settings: { concurrency: 16 }, failures, untilMs }] }, 1000).harmful;
  expect(of(looksWell, 2000)).toEqual([{ concurrency: 16 }]);
  expect(of(looksWell - 1, 2000)).toBeUndefined();
  expect(of(looksWell, 500)).toBeUndefined();
});
