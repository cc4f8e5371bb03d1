import { expect, it } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { fitPeak } from '../../../tuner/predict/peak.ts';

const sd = 0.03;
/** A hump over octaves, the best at 45. */
const hump = (value: number) => -Math.log(Math.cosh(0.6 * Math.log2(value / 45)));
const seen = (values: readonly number[], score: (value: number) => number) =>
  values.map((value) => ({ value, score: score(value), sd }));

it('finds the best between doublings on either side of it, which as it was measured is one of them', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = randomStream(seed, 'peak');
    const peak = fitPeak(seen([8, 16, 32, 64, 128], (value) => hump(value) + sd * gaussian(random)));
    if (!peak) expect.fail('no peak');
    expect(hump(peak.value)).toBeGreaterThan(hump(32) - 0.01);
    expect(Math.abs(Math.log2(peak.value / 45))).toBeLessThan(0.5);
  }
  expect(hump(45) - hump(32)).toBeGreaterThan(0.03);
});

it('says what is to be had at the best, and not beyond the values that it was fitted to', () => {
  const peak = fitPeak(seen([8, 16, 32, 64, 128], hump)) ?? expect.fail('no peak');
  expect(peak).toMatchObject({ from: 16, to: 128 });
  expect(peak.at(peak.value).mean - peak.at(32).mean).toBeCloseTo(hump(45) - hump(32), 1.5);
});

it.each([
  ['two values', [16, 32], hump],
  ['what rises to the last value', [4, 8, 16, 32], hump],
  ['what falls from the first', [64, 128, 256], hump],
  ['a plateau, of which chance makes one value the best', [8, 16, 32, 64], (value: number) => (value === 16 ? sd : 0)],
])('makes no peak of %s', (_, values, score) => {
  expect(fitPeak(seen(values, score))).toBeNull();
});
