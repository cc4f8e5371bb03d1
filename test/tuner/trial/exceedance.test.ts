import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/foundation/random.ts';
import {
  callsNeeded,
  designEffect,
  fractionBounds,
  logFractionEvidence,
  logGamma,
} from '../../../tuner/trial/exceedance.ts';

test('log Γ agrees with published values', () => {
  // Abramowitz and Stegun, table 6.1 and Γ(n) = (n − 1)!
  expect(logGamma(1)).toBeCloseTo(0, 12);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
  expect(logGamma(1.5)).toBeCloseTo(Math.log(0.886226925452758), 12);
  expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 10);
  expect(logGamma(1e6) / 12815504.569147613).toBeCloseTo(1, 12);
});

describe('evidence on a fraction', () => {
  /** The share of runs in which the true fraction p is rejected at 0.05 after any of 30 windows. */
  const rejected = (runs: number, p: number) => {
    let count = 0;
    for (let seed = 0; seed < runs; seed++) {
      const random = randomStream(seed, `fraction ${p}`);
      const windows = [];
      for (let window = 0; window < 30; window++) {
        let exceeded = 0;
        for (let i = 0; i < 40; i++) if (random() < p) exceeded++;
        windows.push({ exceeded, count: 40 });
        if (logFractionEvidence(windows, p) >= Math.log(20)) {
          count++;
          break;
        }
      }
    }
    return count / runs;
  };

  test('the true fraction is rejected after any of many windows at most as often as α', () => {
    expect(rejected(400, 0.1)).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt(0.0475 / 400));
    expect(rejected(400, 0.01)).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt(0.0475 / 400));
  });

  test('the proof of a limit takes about five times 1/limit calls without an exceedance', () => {
    const needed = callsNeeded(0.001, 0.01);
    expect(needed).toBeGreaterThan(4600);
    expect(needed).toBeLessThan(8000);
    expect(logFractionEvidence([{ exceeded: 0, count: needed }], 0.001)).toBeGreaterThanOrEqual(Math.log(100));
    expect(logFractionEvidence([{ exceeded: 0, count: needed / 2 }], 0.001)).toBeLessThan(Math.log(100));
  });

  test('an arm is taken to have clusters as large as those that the other one shows, until its own are larger', () => {
    const clean = Array.from({ length: 20 }, () => ({ exceeded: 0, count: 500 }));
    const clustered = clean.map((one, i) => (i % 10 === 0 ? { ...one, exceeded: 100 } : one));
    const spread = clean.map((one) => ({ ...one, exceeded: 10 }));
    const high = (beside?: typeof clean) => fractionBounds(clean, 0.01, 0.001, beside).high;
    expect(high()).toBeLessThan(0.001);
    expect(high(spread)).toBe(high());
    expect(high(clustered)).toBeGreaterThan(0.01);
    expect(logFractionEvidence(clean, 0.001, clustered)).toBeLessThan(logFractionEvidence(clean, 0.001));
    expect(fractionBounds(clustered, 0.01, 0.001, spread)).toEqual(fractionBounds(clustered, 0.01, 0.001));
  });

  test('bounds of a fraction lie on both sides of the estimate and narrow with calls', () => {
    const few = fractionBounds([{ exceeded: 5, count: 100 }], 0.01, 0.05);
    const many = fractionBounds([{ exceeded: 500, count: 10_000 }], 0.01, 0.05);
    expect(few.low).toBeLessThan(0.05);
    expect(few.high).toBeGreaterThan(0.05);
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 5);
    expect(fractionBounds([], 0.01, 0.05)).toEqual({ estimate: 0, low: 0, high: 1 });
  });

  test('calls that exceed in clumps count as fewer calls', () => {
    const even = Array.from({ length: 10 }, () => ({ exceeded: 2, count: 100 }));
    const clumped = Array.from({ length: 10 }, (_, i) => ({ exceeded: i === 3 ? 20 : 0, count: 100 }));
    expect(designEffect(even)).toBe(1);
    expect(designEffect(clumped)).toBeGreaterThan(10);
    expect(fractionBounds(clumped, 0.01, 0.05).high).toBeGreaterThan(2 * fractionBounds(even, 0.01, 0.05).high);
  });
});
