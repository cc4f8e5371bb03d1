import { describe, expect, it } from 'vitest';
import { summarize } from '../../../tuner/advice/summary.ts';
import { bench } from '../../measure/support.ts';

/** Two windows of one second each: 90 calls of f, 10 of g (two of them failed). */
function twoWindows() {
  const room = bench();
  const { recorder, readings, time } = room;
  using open = recorder.openWindow();
  const windows = [0, 1].map(() => {
    const beganMs = time.clock.now();
    for (let i = 0; i < 45; i++) room.call('f', 10);
    for (let i = 0; i < 3; i++) room.call('g', 100, { rank: 0 });
    room.call('g', 100, { rank: -1, coldStartMs: 2 });
    room.offer('g').failed('timeout', new Error('took too long'));
    readings.processCpuMs += 1000;
    time.advance(beganMs + 1000 - time.clock.now());
    return open.cut();
  });
  return windows;
}

describe('summarize', () => {
  it('a summary gives rates, percentiles, CPU, cache and errors over all windows', () => {
    const summary = summarize(twoWindows(), 2);
    expect(summary).toMatchObject({
      windows: 2,
      durationMs: 2000,
      settings: { threads: 2 },
      mixedSettings: false,
      offered: 100,
      settled: 100,
      inFlight: 0,
      operationsPerSecond: 49,
      peakBytes: 1000,
      cpuFraction: 0.5,
      busyFraction: (45 * 7.5 + 4 * 75) / 2000,
      cacheHitFraction: 0.75,
      errorFraction: 0.02,
      timeoutFraction: 0.02,
      violationFraction: 0,
    });
    expect(summary.latency?.p50Ms).toBeCloseTo(10, 0);
    expect(summary.latency?.p99Ms).toBeCloseTo(100, 0);
    expect(summary.latency?.meanMs).toBeCloseTo((90 * 10 + 8 * 100) / 98, 6);
    expect(summary.functions.map(({ name, settled, errorFraction }) => [name, settled, errorFraction])).toEqual([
      ['f', 90, 0],
      ['g', 10, 0.2],
    ]);
  });

  it('a summary counts as violations what guests were refused, and not what a full queue or a check turned away', () => {
    const { recorder, time, offer } = bench();
    using open = recorder.openWindow();
    for (const outcome of ['rejected', 'shed', 'trap', 'lost'] as const) {
      offer().failed(outcome, new Error('asked to fail'));
    }
    time.advance(10);
    recorder.books.counters.violations++;
    expect(summarize([open.cut()], 1)).toMatchObject({ violationFraction: 0.25, errorFraction: 1, latency: null });
  });

  it('a summary says null where there is no data, and goes through JSON unchanged', () => {
    const summary = summarize([], 2);
    expect(summary).toMatchObject({
      latency: null,
      operationsPerSecond: null,
      errorFraction: null,
      cacheHitFraction: null,
    });
    expect(summary.recommendations).toEqual([]);
    for (const one of [summary, summarize(twoWindows(), 2)]) {
      expect(JSON.parse(JSON.stringify(one))).toStrictEqual(one);
    }
  });

  it('a summary tells a mixture of settings', () => {
    const room = bench();
    using open = room.recorder.openWindow();
    room.call();
    const first = open.cut();
    room.recorder.changed({ threads: 9 });
    open.cut();
    room.call();
    expect(summarize([first, open.cut()], 2).mixedSettings).toBe(true);
  });

  it('windows at other settings count in no figure, and show whether more workers were better', () => {
    const at = (threads: number, ok: number) =>
      twoWindows().map((window) => ({
        ...window,
        settings: { threads },
        outcomes: { ...window.outcomes, ok },
        wait: window.latency,
        work: { ...window.work, busyFraction: 0.99 },
        cpuMs: 300,
        workerCpuMs: 250,
      }));
    const alone = summarize(at(2, 48), 8);
    expect(alone.recommendations.map((one) => one.text).join()).toContain('try more threads');
    for (const [ok, text] of [
      [90, 'try more threads'],
      [40, 'more threads were no better'],
    ] as const) {
      const { recommendations, ...figures } = summarize(at(2, 48), 8, at(4, ok));
      expect(recommendations.map((one) => one.text).join()).toContain(text);
      expect({ ...figures, recommendations: alone.recommendations }).toEqual(alone);
    }
  });

  it('a function that fills its thread is not advised to run more at once, whatever other CPUs do', () => {
    const of = (cpuMs: number) =>
      twoWindows().map((window) => ({
        ...window,
        settings: { concurrency: 2 },
        wait: window.latency,
        work: { ...window.work, busyFraction: 0.99 },
        cpuMs,
        workerCpuMs: cpuMs,
      }));
    const texts = (cpuMs: number) =>
      summarize(of(cpuMs), 8)
        .recommendations.map((one) => one.text)
        .join();
    expect(texts(980)).toContain('running more at once is not what is missing');
    expect(texts(980)).not.toContain('a higher concurrency');
    expect(texts(300)).toContain('a higher concurrency');
  });

  it('a summary weighs stage times by samples', () => {
    const [one] = twoWindows();
    const windows = [
      { ...one!, stages: { queue: 10 }, stageSamples: 1 },
      { ...one!, stages: { queue: 20 }, stageSamples: 3 },
      { ...one!, stages: {}, stageSamples: 0 },
    ];
    expect(summarize(windows, 2).stages).toEqual({ queue: 17.5 });
  });
});
