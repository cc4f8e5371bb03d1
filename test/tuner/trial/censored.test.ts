import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../../src/contracts.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { countAtOrBelow, emptyDistribution, meanMs, quantileMs } from '../../../src/measure/distribution.ts';
import { Histogram } from '../../../src/measure/histogram.ts';
import { latencyWith } from '../../../tuner/trial/censored.ts';

const of = (values: readonly number[]): Distribution => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.freeze();
};

const nothing = emptyDistribution;

/** A stretch from `discardMs` to `discardMs + windowMs` after a flip, calls coming in evenly, latency exponential. */
function stretch(meanOfMs: number, windowMs: number, discardMs: number) {
  const random = randomStream(5, 'censored');
  const endMs = discardMs + windowMs;
  const [done, unfinished, carried]: [number[], number[], number[]] = [[], [], []];
  for (let startMs = 0; startMs < endMs; startMs += endMs / 60_000) {
    const latencyMs = -Math.log(1 - random()) * meanOfMs;
    if (startMs + latencyMs <= discardMs) continue;
    if (startMs < discardMs) carried.push(discardMs - startMs);
    if (startMs + latencyMs <= endMs) done.push(latencyMs);
    else unfinished.push(endMs - startMs);
  }
  return { done: of(done), unfinished: of(unfinished), carried: of(carried) };
}

describe('latency with what is known of the calls under way', () => {
  it('latency without calls under way is what it was', () => {
    const done = of([1, 2, 3]);
    expect(latencyWith(done, nothing, nothing)).toBe(done);
  });

  it('latency with calls under way is that of the textbook', () => {
    // Ages 1, 1+, 2, 3+, 4 (+: unfinished): survival 4/5, then × 2/3, then 0.
    const all = latencyWith(of([1, 2, 4]), of([1, 3]), nothing);
    expect(all.counts.map((mass) => mass / 5)).toEqual([
      expect.closeTo(1 / 5),
      expect.closeTo((4 / 5) * (1 / 3)),
      expect.closeTo((4 / 5) * (2 / 3)),
    ]);
    expect(all.count).toBe(5);
    // 3 entered at 2.5: of the ages 1, 1, 2 all of 1, 1, 2 and 4 were seen from the start.
    const late = latencyWith(of([1, 1, 2, 3, 4]), nothing, of([2.5]));
    expect(late.counts.map((mass) => mass / late.count)).toEqual([
      expect.closeTo(2 / 4),
      expect.closeTo((2 / 4) * (1 / 2)),
      expect.closeTo((1 / 4) * (1 / 2)),
      expect.closeTo(1 / 8),
    ]);
  });

  it.each([
    [10, 500, 50],
    [50, 500, 230],
    [100, 690, 460],
    [300, 500, 500],
  ])('latency is the true one at a mean of %d ms, seen for %d ms after %d ms', (meanOfMs, windowMs, discardMs) => {
    const { done, unfinished, carried } = stretch(meanOfMs, windowMs, discardMs);
    const all = latencyWith(done, unfinished, carried);
    for (const q of [0.5, 0.8]) expect(quantileMs(all, q) / (-meanOfMs * Math.log(1 - q))).toBeCloseTo(1, 1);
    expect((all.count - countAtOrBelow(all, meanOfMs)) / all.count).toBeCloseTo(Math.exp(-1), 1);
    if (windowMs + discardMs < 5 * meanOfMs) return;
    expect(meanMs(all) / meanOfMs).toBeCloseTo(1, 1);
    expect(quantileMs(all, 0.99) / (-meanOfMs * Math.log(0.01))).toBeCloseTo(1, 1);
    expect(all.counts.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(all.count, 3);
  });

  it('latency with calls under way is not that of the calls that came back, nor of all taken for seen from their start', () => {
    const { done, unfinished, carried } = stretch(300, 500, 500);
    const median = (all: Distribution) => quantileMs(all, 0.5) / (300 * Math.LN2);
    expect(median(done)).toBeLessThan(0.95);
    expect(median(latencyWith(done, unfinished, nothing))).toBeGreaterThan(1.1);
    expect(median(latencyWith(done, unfinished, carried))).toBeCloseTo(1, 1);
  });

  it('latency with calls under way does not overlook a few calls that hang', () => {
    const done = of(Array.from({ length: 970 }, () => 8));
    const hanging = of(Array.from({ length: 30 }, (_, i) => 10 + 15 * i));
    const all = latencyWith(done, hanging, nothing);
    expect(quantileMs(done, 0.99)).toBeLessThan(10);
    expect(quantileMs(all, 0.99)).toBeGreaterThan(400);
    expect(all.count - countAtOrBelow(all, 50)).toBeCloseTo(30, 6);
    expect(meanMs(all)).toBeGreaterThan(1.5 * meanMs(done));
  });

  it('latency does not count a call that hangs again in every window after its own', () => {
    const done = of(Array.from({ length: 970 }, () => 8));
    const all = latencyWith(done, of([700]), of([200]));
    expect(all.count).toBe(970);
    expect(quantileMs(all, 1)).toBeLessThan(10);
  });

  it('latency is made of ages alone where no call came back', () => {
    expect(quantileMs(latencyWith(nothing, of([100, 200]), nothing), 0.5)).toBeGreaterThan(99);
  });
});
