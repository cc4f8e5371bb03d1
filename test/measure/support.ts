/** A recorder on manual time whose every reading the test decides. */
import { type ManualTime, manualTime } from '../../bench/worlds/manual-time.ts';
import type { CallOptions, Settings } from '../../src/contracts.ts';
import type { RandomSource } from '../../src/foundation/random.ts';
import type { Meters } from '../../src/foundation/surroundings.ts';
import { type Call, Execution } from '../../src/measure/call.ts';
import type { Gauges } from '../../src/measure/gauges.ts';
import { Recorder, type SpanOptions } from '../../src/measure/recorder.ts';

export interface Bench {
  readonly recorder: Recorder;
  readonly time: ManualTime;
  /** What the meters and gauges will say next. */
  readonly readings: {
    processCpuMs: number;
    threadCpuMs: number;
    heapBytes: number;
    rssBytes: number;
    workers: number;
    guestBytes: number;
    idleCpuMs: number;
  };
  /** A call that has been offered. */
  offer(functionName?: string, options?: CallOptions): Call;
  /** One ok call from offer to settlement, `latencyMs` long: it waits a quarter of it, and runs for half of it. */
  call(functionName?: string, latencyMs?: number, told?: Partial<Execution>): void;
}

export interface BenchOptions {
  readonly settings?: Settings;
  readonly gauges?: Partial<Gauges>;
  readonly spans?: SpanOptions;
  readonly randomSource?: RandomSource;
}

export function bench({
  settings = { threads: 2 },
  gauges = {},
  spans = { enabled: false },
  randomSource,
}: BenchOptions = {}): Bench {
  const time = manualTime();
  time.advance(1000);
  const readings = {
    processCpuMs: 100,
    threadCpuMs: 40,
    heapBytes: 1000,
    rssBytes: 5000,
    workers: 2,
    guestBytes: 0,
    idleCpuMs: Number.NaN,
  };
  const meters: Meters = {
    processCpuMs: () => readings.processCpuMs,
    threadCpuMs: () => readings.threadCpuMs,
    idleCpuMs: () => readings.idleCpuMs,
    heapBytes: () => readings.heapBytes,
    rssBytes: () => readings.rssBytes,
  };
  const recorder = new Recorder({
    surroundings: { clock: time.clock, meters, randomSource },
    gauges: { workers: () => readings.workers, guestBytes: () => readings.guestBytes, ...gauges },
    settings,
    name: 'bench',
    spans,
  });
  const offer = (functionName = 'f', options?: CallOptions) => {
    const call = recorder.offer(recorder.series(functionName), options);
    // Nobody here looks at what callers get.
    call.promise.catch(() => {});
    return call;
  };
  return {
    recorder,
    time,
    readings,
    offer,
    call(functionName = 'f', latencyMs = 4, told = {}) {
      const call = offer(functionName);
      time.advance(latencyMs / 4);
      call.dispatched();
      recorder.books.busy(1);
      time.advance(latencyMs * 0.75);
      recorder.books.busy(0);
      call.ok(1, ran({ beganMs: 0, endedMs: latencyMs / 2, ...told }));
    },
  };
}

/** What a worker told. */
export function ran(told: Partial<Execution>): Execution {
  return Object.assign(new Execution(), told);
}
