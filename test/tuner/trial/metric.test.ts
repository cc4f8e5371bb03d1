import { describe, expect, test } from 'vitest';
import type { Objective } from '../../../src/contracts.ts';
import { guardedDifference, guardedValue, logRatioOf, objectiveOf, quantileOf } from '../../../tuner/trial/metric.ts';
import { windowOf } from './build-window.ts';

const throughput: Objective = { metric: 'throughput', direction: 'maximize' };
const goodput: Objective = { metric: 'goodput', direction: 'maximize', sloMs: 10 };
const mean: Objective = { metric: 'mean', direction: 'minimize' };
const cpu: Objective = { metric: 'cpu', direction: 'minimize' };

describe('the objective of a window', () => {
  test('throughput of a window is ok calls per second', () => {
    expect(objectiveOf(throughput, windowOf({ ok: 500, forMs: 250, others: { trap: 30 } }))).toBe(2000);
  });

  test('goodput of a window leaves out calls slower than the SLO', () => {
    const value = objectiveOf(goodput, windowOf({ ok: 1000, meanMs: 10 })) ?? 0;
    expect(value).toBeGreaterThan(400);
    expect(value).toBeLessThan(800);
    expect(objectiveOf(goodput, windowOf({ meanMs: 500 }))).toBe(0);
  });

  test('mean is the mean latency of a window, cpu is CPU time per ok call', () => {
    expect(objectiveOf(mean, windowOf({ meanMs: 10 }))).toBeCloseTo(10, 0);
    expect(objectiveOf(cpu, windowOf({ ok: 200, cpuMs: 50 }))).toBe(0.25);
  });

  test('an objective is 0 where no call succeeds, and null without calls', () => {
    expect(objectiveOf(throughput, windowOf({ ok: 0, backlog: 8 }))).toBe(0);
    expect(objectiveOf(throughput, windowOf({ ok: 0, backlog: 0 }))).toBeNull();
    expect(objectiveOf(mean, windowOf({ ok: 0 }))).toBeNull();
    expect(objectiveOf(cpu, windowOf({ cpuMs: 0 }))).toBeNull();
    expect(objectiveOf(throughput, windowOf({ forMs: 0 }))).toBeNull();
  });
});

describe('d of a pair', () => {
  test('d of a pair is + when the candidate is better, whether the metric is to rise or to fall', () => {
    const more = windowOf({ ok: 2000 });
    expect(logRatioOf(throughput, windowOf(), more)).toBeCloseTo(Math.log(2), 10);
    expect(logRatioOf(mean, windowOf({ meanMs: 10 }), windowOf({ meanMs: 5 }))).toBeCloseTo(Math.log(2), 1);
    expect(logRatioOf(cpu, windowOf({ cpuMs: 100 }), windowOf({ cpuMs: 50 }))).toBeCloseTo(Math.log(2), 10);
  });

  test('d of a pair is finite and bad for a candidate that completes nothing, and null when neither arm does', () => {
    const nothing = windowOf({ ok: 0 });
    expect(logRatioOf(throughput, windowOf(), nothing)).toBeCloseTo(-Math.log(2000), 10);
    expect(logRatioOf(throughput, nothing, nothing)).toBeNull();
    expect(logRatioOf(throughput, windowOf(), windowOf({ ok: 0, backlog: 0 }))).toBeNull();
  });
});

describe('guarded metrics', () => {
  test('guarded metrics are taken over all windows together', () => {
    expect(guardedValue('errors', [windowOf({ ok: 90, others: { trap: 10 } }), windowOf({ ok: 100 })])).toEqual({
      value: 0.05,
      count: 200,
    });
    expect(guardedValue('cpu', [windowOf({ ok: 100, cpuMs: 10 }), windowOf({ ok: 300, cpuMs: 10 })])?.value).toBe(0.05);
    expect(
      guardedValue('p50', [windowOf({ meanMs: 1 }), windowOf({ meanMs: 1 }), windowOf({ meanMs: 100 })])?.value,
    ).toBeLessThan(2);
  });

  test('a cancelled call does not count as an error', () => {
    expect(guardedValue('errors', [windowOf({ ok: 90, others: { cancelled: 10 } })])).toEqual({ value: 0, count: 90 });
  });

  test('guarded metrics are null without calls', () => {
    expect(guardedValue('p99', [windowOf({ ok: 0 })])).toBeNull();
    expect(guardedValue('errors', [])).toBeNull();
  });

  test('guarded metrics are compared by a difference of fractions for errors and a log ratio otherwise, + is better', () => {
    const failing = windowOf({ ok: 980, others: { trap: 20 } });
    expect(guardedDifference('errors', [failing], [windowOf()])).toBeCloseTo(0.02, 10);
    expect(guardedDifference('p99', [windowOf({ meanMs: 10 })], [windowOf({ meanMs: 20 })])).toBeCloseTo(
      -Math.log(2),
      1,
    );
  });

  test('quantiles of guarded metrics are read exactly from their names', () => {
    expect([quantileOf('p50'), quantileOf('p99'), quantileOf('p99.9')]).toEqual([0.5, 0.99, 0.999]);
  });
});
