import { describe, expect, test } from 'vitest';
import { orderOf, windowAt } from '../../../tuner/trial/schedule.ts';
import { designOf } from './build-window.ts';

describe('the schedule', () => {
  test('the schedule begins with short windows in turn, then pairs of one window per arm', () => {
    const design = designOf({ rampPairs: 2 });
    const plan = Array.from({ length: 24 }, (_, i) => windowAt(design, i));
    expect(plan.slice(0, 4).map((one) => one.measure)).toEqual(['baseline', 'candidate', 'baseline', 'candidate']);
    expect(Math.max(...plan.slice(0, 4).map((one) => one.forMs))).toBeLessThan(
      Math.min(...plan.slice(4).map((one) => one.forMs)) / 2,
    );
    for (let i = 4; i < 24; i += 2) expect(new Set(plan.slice(i, i + 2).map((one) => one.measure)).size).toBe(2);
  });

  test('the schedule orders pairs by a fair coin with no memory', () => {
    const orders = Array.from({ length: 4000 }, (_, i) => orderOf(designOf({ seed: 11 }), i) === 'AB');
    const standardError = Math.sqrt(0.25 / orders.length);
    expect(Math.abs(orders.filter(Boolean).length / orders.length - 0.5)).toBeLessThan(4 * standardError);
    const repeated = orders.slice(1).filter((one, i) => one === orders[i]).length / (orders.length - 1);
    expect(Math.abs(repeated - 0.5)).toBeLessThan(4 * standardError);
  });

  test('the first coin of a trial is fair over seeds', () => {
    const heads = Array.from({ length: 4000 }, (_, seed) => orderOf(designOf({ seed }), 0)).filter(
      (one) => one === 'AB',
    ).length;
    expect(Math.abs(heads / 4000 - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 4000));
  });

  test('the schedule jitters the length of pairs within bounds, both windows of a pair alike', () => {
    const design = designOf({ windowMs: 1000, jitterFraction: 0.2 });
    const lengths = Array.from({ length: 200 }, (_, i) => windowAt(design, i).forMs);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1200);
    expect(new Set(lengths).size).toBe(100);
    for (let i = 0; i < 200; i += 2) expect(lengths[i]).toBe(lengths[i + 1]);
  });
});
