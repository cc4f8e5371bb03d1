/**
 * The piece that is being written to. Freezing it is synchronous and leaves it empty, so one set of
 * histograms serves for ever: writers never see a half-frozen piece, readers never a changing one.
 */
import type { Settings } from '../contracts.ts';
import { CacheCounts } from './cache-counts.ts';
import type { Piece } from './piece.ts';
import { SeriesTable } from './series.ts';
import { stageNames } from './stages.ts';

/** What is read at the end of a piece, covering all of it. */
export interface PieceReadings {
  readonly epoch: number;
  readonly settings: Settings;
  readonly startMs: number;
  readonly endMs: number;
  readonly busyMs: number | undefined;
  readonly workers: number;
  readonly cpuMs: number;
  readonly workerCpuMs: number;
  readonly idleCpuMs: number;
  readonly memoryBytes: number;
}

export class ActivePiece {
  readonly series = new SeriesTable();
  readonly cache = new CacheCounts();
  offered = 0;
  batches = 0;
  batchedCalls = 0;
  batchMs = 0;
  executeMs = 0;
  workerStarts = 0;
  bytesIn = 0;
  bytesOut = 0;
  #peakBytes = 0;
  #stageMs: number[] = stageNames.map(() => 0);
  #stageSamples = 0;

  /** @param times ms in each stage, in the order of `stageNames` */
  addStages(times: readonly number[]): void {
    for (let stage = 0; stage < times.length; stage++) {
      this.#stageMs[stage] = (this.#stageMs[stage] as number) + (times[stage] as number);
    }
    this.#stageSamples++;
  }

  sawMemory(bytes: number): void {
    if (bytes > this.#peakBytes) this.#peakBytes = bytes;
  }

  freeze(readings: PieceReadings): Piece {
    const { epoch, settings, startMs, endMs, workers, cpuMs, workerCpuMs, idleCpuMs } = readings;
    const frozen: Piece = {
      epoch,
      settings,
      steady: true,
      startMs,
      endMs,
      offered: this.offered,
      functions: this.series.freeze(),
      stageMs: this.#stageMs,
      stageSamples: this.#stageSamples,
      batches: this.batches,
      batchedCalls: this.batchedCalls,
      batchMs: this.batchMs,
      executeMs: this.executeMs,
      // Without a reading: right where a worker has one batch at a time, except at the two ends.
      busyMs: readings.busyMs ?? this.batchMs,
      workerMs: workers * (endMs - startMs),
      workerStarts: this.workerStarts,
      cache: this.cache.freeze(),
      cpuMs,
      workerCpuMs,
      idleCpuMs,
      peakBytes: Math.max(this.#peakBytes, readings.memoryBytes),
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
    };
    this.#stageMs = stageNames.map(() => 0);
    this.#stageSamples = 0;
    this.offered = 0;
    this.batches = 0;
    this.batchedCalls = 0;
    this.batchMs = 0;
    this.executeMs = 0;
    this.workerStarts = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.#peakBytes = 0;
    return frozen;
  }
}
