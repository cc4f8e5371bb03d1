import { afterEach, describe, expect, it } from 'vitest';
import type { Window } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { Dispatch } from '../../src/measure/call.ts';
import { emptyDistribution, mergeDistributions, quantileMs } from '../../src/measure/distribution.ts';
import { maxNamedSeries } from '../../src/measure/series.ts';
import { latencyOf } from '../../tuner/trial/metric.ts';
import { registerTelemetry, unregisterTelemetry } from './spans-support.ts';
import { bench, ran } from './support.ts';

afterEach(unregisterTelemetry);

describe('a window', () => {
  it('a window holds the times of ok calls: latency and wait from the intended start, service as reported', () => {
    const { recorder, time, offer } = bench();
    using open = recorder.openWindow();
    const call = offer();
    time.advance(10);
    call.dispatched();
    time.advance(40);
    call.ok(1, ran({ beganMs: 1020, endedMs: 1045 }));
    const window = open.cut();
    expect(window.latency).toMatchObject({ count: 1, sumMs: 50 });
    expect(window.wait).toMatchObject({ count: 1, sumMs: 10 });
    expect(window.service).toMatchObject({ count: 1, sumMs: 25 });
    const { outcomes, latency, wait, service, start } = window;
    expect(window.byFunction['f']).toEqual({ outcomes, latency, wait, service, start });
    expect(window).toMatchObject({ startMs: 1000, endMs: 1050, steady: true, epoch: 0, settings: { threads: 2 } });
  });

  it('a window begins anew at each cut, without a gap', () => {
    const { recorder, call, time } = bench();
    using open = recorder.openWindow();
    call();
    call();
    expect(open.settledCount).toBe(2);
    const first = open.cut();
    expect(open.settledCount).toBe(0);
    time.advance(5);
    call();
    const second = open.cut();
    expect([first.outcomes.ok, second.outcomes.ok]).toEqual([2, 1]);
    expect(second.startMs).toBe(first.endMs);
    expect(first.latency.count).toBe(2);
  });

  it('windows that end when calls come back, and begin before others do, tell the latency of those that came back', () => {
    const { recorder, time, offer } = bench();
    const random = randomStream(3, 'bursts');
    const inFlight = Array.from({ length: 32 }, () => offer());
    const seen: Window[] = [];
    for (let burst = 0; burst < 400; burst++) {
      const apartMs = 50 + 100 * random();
      time.advance(0.6 * apartMs);
      using open = recorder.openWindow();
      time.advance(0.4 * apartMs);
      for (let i = 0; i < 4; i++) {
        inFlight.splice(Math.floor(random() * inFlight.length), 1)[0]?.ok(1);
        inFlight.push(offer());
      }
      seen.push(open.cut());
    }
    const cameBack = mergeDistributions(seen.map((one) => one.latency));
    for (const q of [0.5, 0.9, 0.99]) {
      const ratio = quantileMs(latencyOf(seen), q) / quantileMs(cameBack, q);
      expect(ratio).toBeGreaterThan(0.97);
      expect(ratio).toBeLessThan(1.1);
    }
  });

  it('a window sees only what happens after it was opened', () => {
    const { recorder, call } = bench();
    call();
    using open = recorder.openWindow();
    expect(open.cut()).toMatchObject({ offered: 0, latency: emptyDistribution, byFunction: {} });
  });

  it('a window cannot be cut after it was disposed', () => {
    const { recorder } = bench();
    const open = recorder.openWindow();
    open[Symbol.dispose]();
    expect(() => open.cut()).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_CLOSED' }));
  });

  it('a window is the same after a round trip through JSON', () => {
    const { recorder, call, offer } = bench();
    using open = recorder.openWindow();
    call('f', 0.25);
    call('__proto__', 3);
    offer().ok(1, ran({ beganMs: 0, endedMs: 9, rank: 2, coldStartMs: 7 }));
    const window = open.cut();
    expect(Object.keys(window.byFunction)).toEqual(['f', '__proto__']);
    expect(JSON.parse(JSON.stringify(window))).toStrictEqual(window);
  });
});

describe('a change of configuration', () => {
  it('a change of settings begins an epoch; a window across it is not steady and shows the later setting', () => {
    const { recorder, call } = bench();
    using across = recorder.openWindow();
    call();
    recorder.changed({ threads: 4 });
    call();
    const window = across.cut();
    expect(window).toMatchObject({ epoch: 1, steady: false, settings: { threads: 4 } });
    expect(window.outcomes.ok).toBe(2);
    expect(window.latency.count).toBe(1);
    call();
    expect(across.cut()).toMatchObject({ epoch: 1, steady: true });
  });

  it('calls offered before a change of settings are left out of the distributions, but not of the outcomes', () => {
    const { recorder, time, offer } = bench();
    const call = offer();
    recorder.changed({ threads: 4 });
    using open = recorder.openWindow();
    call.dispatched();
    time.advance(9);
    call.ok(1);
    const window = open.cut();
    expect(window.outcomes.ok).toBe(1);
    expect(window.byFunction['f']?.outcomes.ok).toBe(1);
    expect([window.latency.count, window.wait.count, window.service.count]).toEqual([0, 0, 0]);
    expect(window.steady).toBe(true);
  });

  it('an epoch keeps its settings, whatever the caller does to the object later', () => {
    const { recorder } = bench();
    const settings: Record<string, number> = { threads: 4 };
    recorder.changed(settings);
    using open = recorder.openWindow();
    settings['threads'] = 9;
    expect(open.cut().settings).toEqual({ threads: 4 });
  });
});

describe('recording', () => {
  it('a recorder whose recording is switched off keeps every counter and no distribution', () => {
    using telemetry = registerTelemetry();
    const { recorder, offer } = bench({ spans: { sampleEvery: 1 } });
    using open = recorder.openWindow();
    recorder.books.recording = false;
    const [well, badly] = [offer(), offer()];
    const together = new Dispatch(recorder.books, [well, badly]);
    together.bytesIn = 10;
    together.returned();
    well.ok(1, ran({ beganMs: 0, endedMs: 4, coldStartMs: 3, bytesOut: 20 }));
    badly.failed('trap', new Error('boom'));
    expect(telemetry.spans()).toEqual([]);
    const window = open.cut();
    expect(window).toMatchObject({
      offered: 2,
      bytesIn: 10,
      bytesOut: 20,
      latency: emptyDistribution,
      start: emptyDistribution,
    });
    expect(window.outcomes).toMatchObject({ ok: 1, trap: 1 });
  });
});

describe('functions', () => {
  it('functions share one series from the 65th on', () => {
    const { recorder, call } = bench();
    using open = recorder.openWindow();
    for (let i = 0; i < maxNamedSeries + 10; i++) call(`f${i}`);
    const { byFunction, outcomes } = open.cut();
    expect(Object.keys(byFunction)).toHaveLength(maxNamedSeries + 1);
    expect(byFunction['other']?.outcomes.ok).toBe(10);
    expect(outcomes.ok).toBe(maxNamedSeries + 10);
    expect(recorder.series('f3').name).toBe('f3');
  });
});

describe('readings', () => {
  it('CPU of a window is the difference over it, and its workers used what this thread did not', () => {
    const { recorder, readings } = bench();
    using open = recorder.openWindow();
    readings.processCpuMs += 30;
    readings.threadCpuMs += 10;
    expect(open.cut()).toMatchObject({ cpuMs: 30, workerCpuMs: 20 });
    readings.processCpuMs += 5;
    expect(open.cut()).toMatchObject({ cpuMs: 5, workerCpuMs: 5 });
  });

  it("all CPU of a window is its workers' where there are none", () => {
    const { recorder, readings } = bench({ gauges: { inProcess: true } });
    using open = recorder.openWindow();
    readings.processCpuMs += 30;
    readings.threadCpuMs += 29;
    expect(open.cut()).toMatchObject({ cpuMs: 30, workerCpuMs: 30 });
  });

  it('a window says how long CPUs of the machine were idle, where the system tells it', () => {
    const { recorder, readings, time } = bench();
    using open = recorder.openWindow();
    time.advance(10);
    expect(open.cut()).not.toHaveProperty('idleCpuMs');
    readings.idleCpuMs = 1000;
    open.cut();
    readings.idleCpuMs = 1150;
    time.advance(100);
    expect(open.cut().idleCpuMs).toBe(150);
  });

  it('the peak of memory counts heap and guests, is read at most once in 100 ms, and starts anew with each window', () => {
    const { recorder, readings, call, time } = bench();
    using open = recorder.openWindow();
    readings.guestBytes = 500_000;
    time.advance(100);
    call();
    readings.heapBytes = 9_000_000;
    call('f', 1);
    readings.heapBytes = 1000;
    readings.guestBytes = 0;
    time.advance(200);
    expect(open.cut().peakBytes).toBe(501_000);
    time.advance(200);
    expect(open.cut().peakBytes).toBe(1000);
  });

  it('workers are busy for as long as their executor says, over all workers', () => {
    const { recorder, time, offer } = bench();
    using open = recorder.openWindow();
    time.advance(50);
    const calls = [1, 2, 3, 4].map(() => offer());
    const together = new Dispatch(recorder.books, calls);
    recorder.books.busy(1);
    time.advance(50);
    recorder.books.busy(0);
    together.returned();
    for (const call of calls) call.ok(1, ran({ beganMs: 0, endedMs: 10 }));
    expect(open.cut().work).toMatchObject({
      batches: 1,
      batchedCalls: 4,
      batchMs: 50,
      executeMs: 40,
      busyFraction: 0.25,
    });
  });

  it("busy time given by an executor's own gauge goes before that of the recorder", () => {
    let busyMs = 1000;
    const { recorder, time, call } = bench({ gauges: { busyMs: () => busyMs } });
    using open = recorder.openWindow();
    call('f', 100);
    busyMs += 150;
    expect(open.cut().work.busyFraction).toBe(0.75);
    time.advance(100);
    expect(open.cut().work.busyFraction).toBe(0);
  });

  it('a window counts the workers that were started in it', () => {
    const { recorder } = bench();
    using open = recorder.openWindow();
    recorder.workerStarted();
    expect(open.cut().work.workerStarts).toBe(1);
    expect(open.cut().work.workerStarts).toBe(0);
  });
});

describe('references to a cache', () => {
  it('references to a cache are counted by rank, and a window without a cache has none', () => {
    const { recorder, offer, call } = bench();
    using open = recorder.openWindow();
    call();
    expect(open.cut().cache).toBeUndefined();
    for (const told of [{ rank: -1, coldStartMs: 3 }, { rank: 0 }, { rank: 2, coldStartMs: 4 }, { rank: 2 }]) {
      offer().ok(1, ran({ beganMs: 0, endedMs: 9, ...told }));
    }
    expect(open.cut().cache).toEqual({ hits: 2, misses: 2, rankCounts: [1, 0, 2], coldCount: 1, missMs: 7 });
    expect(open.cut().cache).toEqual({ hits: 0, misses: 0, rankCounts: [], coldCount: 0, missMs: 0 });
  });

  it('a reference deeper than ranks are told apart is one that no cache told of would have had', () => {
    const { recorder, offer } = bench();
    using open = recorder.openWindow();
    for (const rank of [16_383, 16_384, 1e6]) offer().ok(1, ran({ beganMs: 0, endedMs: 9, rank, coldStartMs: 3 }));
    const { cache } = open.cut();
    expect([cache?.misses, cache?.coldCount, cache?.rankCounts.at(-1)]).toEqual([3, 2, 1]);
  });

  it('references to a cache add up over the deltas of a window, whichever went deeper', () => {
    const { recorder, offer } = bench();
    using long = recorder.openWindow();
    using short = recorder.openWindow();
    const found = (rank: number) => offer().ok(1, ran({ beganMs: 0, endedMs: 1, rank }));
    found(0);
    short.cut();
    found(1);
    short.cut();
    found(0);
    expect(long.cut().cache).toMatchObject({ hits: 3, rankCounts: [2, 1] });
  });
});
