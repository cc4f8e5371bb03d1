import { describe, expect, it } from 'vitest';
import { noOutcomes } from '../../../src/measure/outcome-counts.ts';
import { type Facts, recommend } from '../../../tuner/advice/recommendations.ts';

const healthy: Facts = {
  settled: 1000,
  outcomes: { ...noOutcomes, ok: 1000 },
  waitFraction: 0.1,
  busyFraction: 0.6,
  ranFraction: 0.9,
  cpuFraction: 0.5,
  callsPerBatch: 8,
  stages: { queue: 1, 'wake-up': 0.1, batch: 0.5, start: 0, execute: 4, return: 0.1 },
  cache: { hits: 990, misses: 10, rankCounts: [990], coldCount: 10, missMs: 50 },
  executeMs: 1000,
};
const texts = (facts: Facts) => recommend(facts).map(({ priority, text }) => `${priority}: ${text}`);

describe('recommend', () => {
  it('nothing is recommended for a healthy executor, nor from too few calls', () => {
    expect(recommend(healthy)).toEqual([]);
    expect(recommend({ ...healthy, settled: 49, outcomes: { ...noOutcomes, lost: 49 } })).toEqual([]);
  });

  it('a cache is called too small when misses on known keys cost much of the work', () => {
    const cache = { hits: 600, misses: 400, rankCounts: [600, 300], coldCount: 100, missMs: 800 };
    const [found] = recommend({ ...healthy, cache });
    expect(found).toMatchObject({ priority: 'high', text: expect.stringContaining('larger capacity') });
    // 300 avoidable misses of 2 ms each, of 1000 + 800 ms.
    expect(found?.evidence).toContain('33.3 % of the time in guests');
  });

  it('the capacity of a cache is not blamed for keys never seen before, nor for misses that cost nothing', () => {
    expect(
      recommend({ ...healthy, cache: { hits: 100, misses: 900, rankCounts: [], coldCount: 900, missMs: 5000 } }),
    ).toEqual([]);
    expect(
      recommend({ ...healthy, cache: { hits: 100, misses: 900, rankCounts: [], coldCount: 0, missMs: 5 } }),
    ).toEqual([]);
  });

  it('waiting for workers on free CPUs is told from waiting on full ones', () => {
    const waiting = { ...healthy, waitFraction: 0.8, busyFraction: 0.95 };
    expect(texts(waiting)).toEqual([expect.stringMatching(/^high: .*more threads, or/)]);
    expect(texts({ ...waiting, cpuFraction: 0.97 })).toEqual([
      expect.stringMatching(/^medium: .*threads are not what is missing/),
    ]);
    expect(texts({ ...waiting, busyFraction: 0.5 })).toEqual([]);
  });

  it('calls whose cost is the crossing are found', () => {
    expect(texts({ ...healthy, stages: { 'wake-up': 0.06, execute: 0.02, return: 0.03 } })).toEqual([
      expect.stringContaining('larger batches'),
    ]);
  });

  it('idle workers are found', () => {
    expect(texts({ ...healthy, busyFraction: 0.1 })).toEqual([expect.stringMatching(/^low: .*fewer threads/)]);
  });

  it('failures are recommended first', () => {
    const outcomes = { ...noOutcomes, ok: 900, timeout: 50, lost: 20, shed: 30 };
    const found = recommend({ ...healthy, outcomes, busyFraction: 0.1 });
    expect(found.map(({ priority }) => priority)).toEqual(['high', 'high', 'high', 'low']);
  });

  it('nothing is recommended where there is no data', () => {
    const none = Number.NaN;
    expect(
      recommend({
        ...healthy,
        waitFraction: none,
        busyFraction: none,
        cpuFraction: none,
        stages: {},
        cache: undefined,
      }),
    ).toEqual([]);
  });
});
