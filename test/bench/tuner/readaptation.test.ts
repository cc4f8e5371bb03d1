import { expect, it } from 'vitest';
import { readaptations, type Stretch } from '../../../bench/worlds/readaptation.ts';

/** Seconds of the run, each in a regime and worth a share of the best. */
function run(parts: readonly (readonly [seconds: number, regime: number, ofBest: (second: number) => number])[]) {
  let startMs = 0;
  return parts.flatMap(([seconds, regime, ofBest]) =>
    Array.from({ length: seconds }, (_, second): Stretch => {
      const one = { startMs, ms: 1000, regime, ofBest: ofBest(second) };
      startMs += 1000;
      return one;
    }),
  );
}
const always = (value: number) => () => value;

it('counts from the shift until nearly the best is in force for good', () => {
  const stretches = run([
    [300, 0, always(0.5)],
    [300, 1, (second) => (second < 42 ? 0.6 : 1)],
  ]);
  expect(readaptations(stretches)).toEqual([42]);
});

it('does not count windows of a trial as being there', () => {
  const stretches = run([
    [300, 0, always(1)],
    [300, 1, (second) => (second < 100 && second % 2 === 0 ? 1 : second < 100 ? 0.5 : 1)],
    [300, 2, (second) => (second % 5 === 4 ? 0.5 : 1)],
  ]);
  const [first, ...others] = readaptations(stretches);
  // Half of the half minute before it is won is not yet more than half.
  expect(first).toBeGreaterThan(60);
  expect(first).toBeLessThanOrEqual(100);
  expect(others).toEqual([]);
});

it('counts the whole regime where nearly the best never came, and nothing where it already was in force', () => {
  const stretches = run([
    [300, 0, always(1)],
    [200, 1, always(0.7)],
    [200, 2, always(0.99)],
  ]);
  expect(readaptations(stretches)).toEqual([200]);
});

it('knows no regime of less than two minutes', () => {
  const stretches = run([
    [300, 0, always(1)],
    [60, 1, always(0.2)],
    [300, 0, always(1)],
  ]);
  expect(readaptations(stretches)).toEqual([]);
});
