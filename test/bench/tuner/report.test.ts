import { expect, it } from 'vitest';
import { resultOf } from '../../../bench/suite.ts';
import { byWorld } from '../../../bench/tuner/bootstrap.ts';
import { type Lap, ours } from '../../../bench/tuner/lap.ts';
import { lossesMarkdown } from '../../../bench/tuner/report/losses.ts';
import { renderSuite } from '../../../bench/tuner/report/page.ts';

function lapOf(
  world: string,
  seed: number,
  shares: Readonly<Record<string, readonly [whole: number, final: number]>>,
): Lap {
  const worth = (ofBest: number) => ({
    ofBest,
    ofDefault: 2 * ofBest,
    defaultOfBest: 0.5,
    staticOfBest: 1,
    exposed: 0.01,
  });
  const runs = Object.entries(shares).map(([rule, [whole, final]]) => {
    const curve = Array.from({ length: 100 }, (_, i) => (i < 66 ? whole : final));
    return [
      rule,
      { whole: worth(whole), finalThird: worth(final), curve, regimeS: 2000, readaptedS: [], broken: [] },
    ] as const;
  });
  return { world, seed, knobs: 1, seconds: 2000, bestStatic: {}, runs: Object.fromEntries(runs) };
}

const laps = byWorld(
  [1, 2, 3].flatMap((seed) => [
    lapOf('won-world', seed, { [ours]: [0.97, 1], random: [0.8, 0.9] }),
    lapOf('late-world', seed, { [ours]: [0.9, 1], random: [0.95, 1] }),
    lapOf('stuck-world', seed, { [ours]: [0.6, 0.6], random: [0.95, 1], 'a<b>': [0.7, 0.7] }),
  ]),
);
const result = resultOf('tuner.runs', { length: 'full', seed: 1 }, [
  {
    name: 'regret_one_knob',
    value: 0.04,
    unit: 'lost',
    better: 'lower',
    samples: 3,
    ci95: [0.03, 0.06],
    targets: [{ op: '<=', value: 0.05 }],
  },
]);

it('the report of a suite is one file that loads nothing, names every world, and escapes what it is told', () => {
  const page = renderSuite(result, laps);
  for (const world of laps.keys()) expect(page).toContain(world);
  expect(page).toContain('0 of 1 targets reached');
  expect(page).not.toMatch(/<script|<link|src=|https?:\/\/(?!www\.w3\.org)/);
  expect(page).not.toContain('a<b>');
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

it('a report without whole runs shows its figures alone', () => {
  const page = renderSuite(result, new Map());
  expect(page).toContain('No whole runs in this result.');
  expect(page).toContain('regret_one_knob');
});

it('lost worlds are published with who won them, and whether ours came late or elsewhere', () => {
  const text = lossesMarkdown(result, laps, 'abc1234');
  expect(text).toContain('commit abc1234');
  expect(text).toMatch(/late-world \| 0\.900 \| 1\.000 \| random 0\.950, 1\.000 \| ends on the best as well/);
  expect(text).toMatch(/stuck-world \| 0\.600 .*a better setting was never proven: it stays 0\.400 below the best/);
  expect(text).toContain('Won: won-world.');
});
