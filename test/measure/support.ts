/** A recorder on manual time whose every reading the test decides. */
import type { Settings } from '../../src/contracts.ts';
import type { RandomSource } from '../../src/foundation/random.ts';
import type { Meters } from '../../src/foundation/surroundings.ts';
import type { Gauges } from '../../src/measure/gauges.ts';
import { createRecorder, type Recorder, type SpanOptions } from '../../src/measure/recorder.ts';
import { type ManualTime, manualTime } from '../support/manual-time.ts';

export interface Bench {
  readonly recorder: Recorder;
  readonly time: ManualTime;
  /** What the meters and gauges will say next. */
  readonly readings: {
    processCpuMs: number;
    threadCpuMs: number;
    heapBytes: number;
    workers: number;
    guestBytes: number;
    idleCpuMs: number;
  };
  /** One ok call from submission to settlement, `latencyMs` long. */
  call(functionName?: string, latencyMs?: number): void;
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
  const readings = {
    processCpuMs: 100,
    threadCpuMs: 40,
    heapBytes: 1000,
    workers: 2,
    guestBytes: 0,
    idleCpuMs: Number.NaN,
  };
  const meters: Meters = {
    processCpuMs: () => readings.processCpuMs,
    threadCpuMs: () => readings.threadCpuMs,
    idleCpuMs: () => readings.idleCpuMs,
    heapBytes: () => readings.heapBytes,
  };
  const recorder = createRecorder({
    surroundings: { clock: time.clock, meters, randomSource },
    gauges: { workers: () => readings.workers, guestBytes: () => readings.guestBytes, ...gauges },
    settings,
    name: 'bench',
    spans,
  });
  return {
    recorder,
    time,
    readings,
    call(functionName = 'f', latencyMs = 4) {
      const series = recorder.series(functionName);
      const submittedMs = time.clock.now();
      const { epoch } = recorder;
      recorder.offer(submittedMs);
      time.advance(latencyMs);
      recorder.ok(
        series,
        epoch,
        submittedMs,
        submittedMs,
        submittedMs + latencyMs / 4,
        latencyMs / 2,
        time.clock.now(),
      );
    },
  };
}
