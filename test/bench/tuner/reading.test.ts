import { expect, it } from 'vitest';
import { type Lap, ours } from '../../../bench/tuner/lap.ts';
import { peersAhead } from '../../../bench/tuner/reading.ts';

function lapOf(seed: number, shares: Readonly<Record<string, number>>): Lap {
  const runs = Object.entries(shares).map(([rule, ofBest]) => {
    const worth = { ofBest, ofDefault: 1, defaultOfBest: 0.5, staticOfBest: 1, exposed: 0 };
    return [rule, { whole: worth, finalThird: worth, curve: [], regimeS: 2000, readaptedS: [], broken: [] }] as const;
  });
  return { world: 'world', seed, knobs: 1, seconds: 2000, bestStatic: {}, runs: Object.fromEntries(runs) };
}

it('a peer that ran on some of the seeds is held against ours on these', () => {
  const hard = lapOf(1, { [ours]: 0.9, slow: 0.8, quick: 0.85 });
  const easy = lapOf(2, { [ours]: 0.99, quick: 0.98 });
  expect(peersAhead([hard, easy])).toEqual([]);
  expect(peersAhead([lapOf(1, { [ours]: 0.99, slow: 0.995 }), lapOf(2, { [ours]: 0.9 })])).toEqual(['slow']);
  expect(peersAhead([lapOf(1, { [ours]: 0.8, slow: 0.85 }), lapOf(2, { [ours]: 0.99 })])).toEqual(['slow']);
});
