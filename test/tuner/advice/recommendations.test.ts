import { describe, expect, it } from 'vitest';
import { noOutcomes } from '../../../src/measure/outcome-counts.ts';
import { type Facts, recommend } from '../../../tuner/advice/recommendations.ts';

const healthy: Facts = {
  settled: 1000,
  outcomes: { ...noOutcomes, ok: 1000 },
  waitFraction: 0.1,
  busyFraction: 0.6,
  cpuFraction: 0.5,
  workers: {
    knob: 'threads',
    hasThreads: true,
    hasBatches: true,
    isWidest: false,
    count: 2,
    useful: 4,
    crosses: false,
    isCpuBound: false,
    isHostBound: false,
    hostFraction: 0.1,
  },
  callsPerBatch: 8,
  stages: { queue: 1, 'wake-up': 0.1, batch: 0.5, start: 0, execute: 4, return: 0.1 },
  cache: { hits: 990, misses: 10, rankCounts: [990], coldCount: 10, missMs: 50 },
  executeMs: 1000,
  hostMs: 100,
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
    const { workers } = waiting;
    for (const bound of [{ isCpuBound: true }, { isHostBound: true }])
      expect(texts({ ...waiting, workers: { ...workers, ...bound } })).toEqual([
        expect.stringMatching(/^medium: .*threads are not what is missing/),
      ]);
    expect(texts({ ...waiting, workers: { ...workers, useful: 1.3 } })).toEqual([
      expect.stringMatching(/^medium: .*no more can be used/),
    ]);
    const ofFunction = { ...workers, knob: 'concurrency', hasThreads: false, useful: Number.NaN } as const;
    expect(texts({ ...waiting, workers: ofFunction })).toEqual([
      expect.stringMatching(/^high: .*a higher concurrency/),
    ]);
    expect(texts({ ...waiting, busyFraction: 0.5 })).toEqual([]);
  });

  it('nothing is advised that the executor has no knob for', () => {
    const waiting = { ...healthy, waitFraction: 0.8, busyFraction: 0.95 };
    const workers = { ...healthy.workers, hasBatches: false };
    const states = [
      {},
      { crosses: true },
      { isCpuBound: true },
      { isHostBound: true },
      { useful: 1 },
      { isWidest: true },
    ];
    for (const state of states)
      expect(texts({ ...waiting, workers: { ...workers, ...state } }).join()).not.toMatch(/batch/);
    expect(texts({ ...waiting, workers: { ...workers, knob: null } }).join()).not.toMatch(/threads|concurrency/);
    const stages = { 'wake-up': 0.06, execute: 0.02, return: 0.03 };
    expect(texts({ ...healthy, stages, workers })).toEqual([expect.stringContaining('calls that do more each')]);
  });

  it('a function on a busy main thread is not told that CPUs are free, and has no workers', () => {
    const workers = {
      ...healthy.workers,
      knob: 'concurrency',
      hasThreads: false,
      hasBatches: false,
      useful: NaN,
    } as const;
    const waiting = { ...healthy, waitFraction: 0.8, busyFraction: 0.95 };
    const [bound] = recommend({ ...waiting, workers: { ...workers, isHostBound: true, hostFraction: 0.98 } });
    expect(bound?.text).toMatch(/^Calls run on the main thread.* a pool of workers\.$/);
    const [free] = recommend({ ...waiting, workers });
    for (const one of [bound, free]) expect(one?.evidence).not.toMatch(/workers|CPUs left/);
    expect(bound?.evidence).toContain('the main thread is busy 98.0 %');
  });

  it('more workers are not advised once more of them were in force and were no better', () => {
    const waiting = { ...healthy, waitFraction: 0.8, busyFraction: 0.95 };
    for (const knob of ['threads', 'concurrency'] as const)
      expect(texts({ ...waiting, workers: { ...healthy.workers, knob, isWidest: true } })).toEqual([
        expect.stringMatching(/^medium: .*(more threads were|a higher concurrency was) no better/),
      ]);
  });

  it('workers whose calls wait for the main thread are not called busy', () => {
    const workers = { ...healthy.workers, isHostBound: true, hostFraction: 0.97 };
    const [found] = recommend({ ...healthy, waitFraction: 0.8, busyFraction: 0.99, workers });
    expect(found?.evidence).toContain('workers have calls 99.0 % of the time, which wait, the main thread 97.0 %');
    expect(found?.evidence).not.toContain('busy');
  });

  it('nothing is told as used by more than all of it', () => {
    const workers = { ...healthy.workers, hostFraction: 1.04 };
    const [found] = recommend({ ...healthy, waitFraction: 0.8, busyFraction: 1.02, cpuFraction: 1.09, workers });
    expect(found?.evidence).toContain(
      'workers busy 100.0 %, the main thread 100.0 %, the CPUs left to the process 100.0 %',
    );
  });

  it('that the crossing is all of it is said once', () => {
    const stages = { 'wake-up': 0.06, execute: 0.02, return: 0.03 };
    const workers = { ...healthy.workers, crosses: true };
    expect(texts({ ...healthy, stages, waitFraction: 0.8, busyFraction: 0.95, workers })).toHaveLength(1);
    expect(texts({ ...healthy, stages, workers })).toHaveLength(1);
  });

  it('no threads are advised where calls hold their workers for the crossing alone, whatever else holds', () => {
    const { workers } = healthy;
    for (const more of [{}, { isCpuBound: true }, { isHostBound: true }, { useful: 99 }]) {
      const found = recommend({
        ...healthy,
        waitFraction: 0.8,
        busyFraction: 0.99,
        workers: { ...workers, crosses: true, ...more },
      });
      expect(found).toHaveLength(1);
      expect(found[0]?.text).toContain('the crossing is all of it');
      expect(found[0]?.evidence).toContain('workers have calls 99.0 % of the time and hardly work');
    }
  });

  it('calls whose cost is the crossing are found', () => {
    expect(texts({ ...healthy, stages: { 'wake-up': 0.06, execute: 0.02, return: 0.03 } })).toEqual([
      expect.stringContaining('larger batches'),
    ]);
  });

  it('calls that are shorter than the way to a worker are advised to run where they are made, and only guests on workers', () => {
    const brief = { ...healthy, executeMs: 1, hostMs: 12 };
    expect(texts(brief)).toEqual([expect.stringMatching(/^medium: .*tier: 'thread'/u)]);
    expect(recommend(brief)[0]?.evidence).toMatch(/^1(\.\d+)? µs in the guest a call, and 12(\.\d+)? µs/u);
    // To send them costs less than they do; they are longer than that ever costs; there is no guest, or no worker.
    expect(texts({ ...brief, hostMs: 0.5 })).toEqual([]);
    expect(texts({ ...brief, executeMs: 4 })).toEqual([]);
    expect(texts({ ...brief, cache: undefined })).toEqual([]);
    expect(texts({ ...brief, workers: { ...brief.workers, knob: null } })).toEqual([]);
  });

  it('fewer threads are advised where workers idle, calls hardly wait, and there are two at least', () => {
    const idle = { ...healthy, busyFraction: 0.1, waitFraction: 0.01 };
    expect(texts(idle)).toEqual([expect.stringMatching(/^low: .*fewer threads/)]);
    expect(texts({ ...idle, waitFraction: 0.4 })).toEqual([]);
    expect(texts({ ...idle, workers: { ...idle.workers, count: 1 } })).toEqual([]);
    expect(texts({ ...idle, workers: { ...idle.workers, knob: null } })).toEqual([]);
  });

  it('failures are recommended first', () => {
    const outcomes = { ...noOutcomes, ok: 900, timeout: 50, lost: 20, shed: 30 };
    const found = recommend({ ...healthy, outcomes, busyFraction: 0.1, waitFraction: 0.01 });
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

  it.each([
    ['guests', {}, /guests that run out of memory/, /each costs its worker/],
    ['a pool', { cache: undefined }, /what ended them/, /each costs its worker/],
    [
      'a function',
      { cache: undefined, workers: { ...healthy.workers, knob: 'concurrency', hasThreads: false } as const },
      /^high: Calls were lost/,
      /goes on unheard/,
    ],
  ] as const)('advice on calls of %s speaks of what runs them', (_, of, lost, timeout) => {
    const facts = { ...healthy, outcomes: { ...noOutcomes, ok: 900, lost: 50, timeout: 50 }, ...of };
    const [first, second, ...others] = texts(facts);
    expect(first).toMatch(lost);
    expect(second).toMatch(timeout);
    expect(others).toEqual([]);
    if (_ !== 'guests') expect(JSON.stringify(recommend(facts))).not.toMatch(/guest/);
    if (_ === 'a function') expect(JSON.stringify(recommend(facts))).not.toMatch(/worker/i);
  });
});
