import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { withUnfinished } from '../../src/measure/censored.ts';
import { countAtOrBelow, emptyDistribution, meanMs, quantileMs } from '../../src/measure/distribution.ts';
import { Histogram } from '../../src/measure/histogram.ts';

const of = (values: readonly number[]): Distribution => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.freeze();
};

/** Calls of exponential latency, each cut off at an age of its own when that comes first. */
function cutOff(count: number, latencyMs: number, longestMs: number) {
  const random = randomStream(5, 'censored');
  const done: number[] = [];
  const unfinished: number[] = [];
  for (let i = 0; i < count; i++) {
    const latency = -Math.log(1 - random()) * latencyMs;
    const age = random() * longestMs;
    if (latency <= age) done.push(latency);
    else unfinished.push(age);
  }
  return { done: of(done), unfinished: of(unfinished) };
}

describe('latency with the calls that had not come back', () => {
  it('is what it was where all came back', () => {
    const done = of([1, 2, 3]);
    expect(withUnfinished(done, emptyDistribution)).toBe(done);
  });

  it('is that of the textbook', () => {
    // Ages 1, 1+, 2, 3+, 4 (+: unfinished): survival 4/5, then × 2/3, then 0.
    const all = withUnfinished(of([1, 2, 4]), of([1, 3]));
    expect(all.counts.map((mass) => mass / 5)).toEqual([
      expect.closeTo(1 / 5),
      expect.closeTo((4 / 5) * (1 / 3)),
      expect.closeTo((4 / 5) * (2 / 3)),
    ]);
    expect(all.count).toBe(5);
  });

  it('gives back the quantiles of calls of which a third were cut off, which those that came back do not', () => {
    const { done, unfinished } = cutOff(40_000, 10, 30);
    expect(unfinished.count).toBeGreaterThan(10_000);
    const all = withUnfinished(done, unfinished);
    for (const q of [0.5, 0.8]) {
      const truth = -10 * Math.log(1 - q);
      expect(quantileMs(all, q) / truth).toBeCloseTo(1, 1);
      expect(quantileMs(done, q) / truth).toBeLessThan(0.8);
    }
    expect(all.counts.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(40_000, 3);
  });

  it('does not overlook a few calls that hang', () => {
    const done = of(Array.from({ length: 970 }, () => 8));
    const hanging = of(Array.from({ length: 30 }, (_, i) => 10 + 15 * i));
    const all = withUnfinished(done, hanging);
    expect(quantileMs(done, 0.99)).toBeLessThan(10);
    expect(quantileMs(all, 0.99)).toBeGreaterThan(400);
    expect(all.count - countAtOrBelow(all, 50)).toBeCloseTo(30, 6);
    expect(meanMs(all)).toBeGreaterThan(1.5 * meanMs(done));
  });

  it('is made of ages alone where nothing came back', () => {
    expect(quantileMs(withUnfinished(emptyDistribution, of([100, 200])), 0.5)).toBeGreaterThan(99);
  });
});
