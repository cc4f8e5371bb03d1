import { expect, it } from 'vitest';
import type { Settings } from '../../../src/contracts.ts';
import { type Context, isOpen } from '../../../tuner/predict/context.ts';
import { type BackOff, looksWell, rememberStall, ruleOut, seenOf } from '../../../tuner/predict/memory.ts';
import { knob, seenWith } from './seen.ts';

const current = { concurrency: 8, batchSize: 4, engine: 'a' };
const knobs = ['concurrency', 'batchSize', 'engine'].map((id) => knob(id));
const isOpenAfter = (harmful: Settings, settings: Settings, inForce: Settings = current) =>
  isOpen(
    {
      seen: seenWith(knobs, inForce, [], { ruledOut: [harmful], harmful: [{ settings: harmful, from: current }] }),
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

it.each([
  [12, true],
  [24, false],
  [4, true],
])('how far that is, is measured from where the harm was met, not from what is in force: %d', (concurrency, open) => {
  const inForce = { ...current, concurrency: 32 };
  expect(isOpenAfter({ concurrency: 16 }, { ...current, concurrency }, inForce)).toBe(open);
});

it('a setting is taken to do harm where it was left for it, and while it is ruled out', () => {
  const settings = { concurrency: 16 };
  const of = (part: Partial<BackOff>) =>
    seenOf({ ...facts, ruledOut: [{ settings, failures: looksWell, untilMs: 2000, ...part }] }, 1000).harmful;
  expect(of({ harmedFrom: current })).toEqual([{ settings, from: current }]);
  expect(of({ harmedFrom: current, untilMs: 500 })).toBeUndefined();
  // As often may be futile, or declined.
  expect(of({})).toBeUndefined();
});

it('what a setting did counts on where it fails once more, or nothing comes out under it', () => {
  const settings = { concurrency: 16 };
  const { ruledOut } = ruleOut([], settings, looksWell, 0, 60_000, { harmedFrom: current });
  expect(ruleOut(ruledOut, settings, 1, 1000, 60_000).one).toMatchObject({ failures: 4, harmedFrom: current });
  expect(rememberStall(ruledOut, settings, 1000).one.harmedFrom).toEqual(current);
  expect(ruleOut([], settings, looksWell, 0, 60_000).one.harmedFrom).toBeUndefined();
});
