import { expect, it } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { fitSaturating } from '../../../tuner/predict/saturating.ts';

const sd = 0.03;
/** Time a call = 0.3 + 0.7 / n. */
const truth = (value: number) => -Math.log(0.3 + 0.7 / value);

it('tells which of two values is better more often than measuring them does', () => {
  const runs = 400;
  let [measured, smoothed] = [0, 0];
  for (let seed = 0; seed < runs; seed++) {
    const random = randomStream(seed, 'saturating');
    const points = [1, 8, 16, 32].map((value) => ({ value, score: truth(value) + sd * gaussian(random), sd }));
    const scoreOf = (value: number) => points.find((one) => one.value === value)?.score ?? Number.NaN;
    const law = fitSaturating(points);
    if (scoreOf(32) > scoreOf(16)) measured++;
    if (law && law(32).mean > law(16).mean) smoothed++;
  }
  expect(measured / runs).toBeLessThan(0.97);
  expect(smoothed / runs).toBeGreaterThan(0.99);
});

it('says by how much it misses what does not follow it', () => {
  const kinked = [4, 8, 16, 32, 64].map((value) => ({ value, score: Math.log(Math.min(value, 16)), sd }));
  const law = fitSaturating(kinked) ?? expect.fail('no law');
  expect(law(16).sd).toBeGreaterThan(0.05);
});

it.each([
  ['two values', [1, 2], (value: number) => truth(value)],
  ['what falls', [1, 2, 4], (value: number) => -Math.log(value)],
  ['what rises in proportion for ever', [1, 2, 4], (value: number) => 2 * Math.log(value)],
])('makes no law of %s', (_, values, score) => {
  expect(fitSaturating(values.map((value) => ({ value, score: score(value), sd })))).toBeNull();
});
