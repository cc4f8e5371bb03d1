/**
 * The stretch of time that is being written to. Freezing it is synchronous and leaves it empty, so
 * one set of histograms serves for ever: writers never see a half-frozen delta, readers never a
 * changing one.
 */
import { CacheCounts } from './cache-counts.ts';
import type { Delta } from './delta.ts';
import { type Integrals, newCounters, takeCounters } from './fields.ts';
import { SeriesTable } from './series.ts';
import { stageNames } from './stages.ts';

export class Accumulator {
  readonly series = new SeriesTable();
  readonly cache = new CacheCounts();
  /** Whoever counts, counts here. */
  readonly counters = newCounters();
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
    if (bytes > this.counters.peakBytes) this.counters.peakBytes = bytes;
  }

  /** @param integrals of the whole stretch */
  freeze(stretch: Pick<Delta, 'epoch' | 'settings' | 'startMs' | 'endMs'>, integrals: Integrals): Delta {
    const frozen: Delta = {
      ...stretch,
      steady: true,
      fields: { ...takeCounters(this.counters), ...integrals },
      functions: this.series.freeze(),
      stageMs: this.#stageMs,
      stageSamples: this.#stageSamples,
      cache: this.cache.freeze(),
    };
    this.#stageMs = stageNames.map(() => 0);
    this.#stageSamples = 0;
    return frozen;
  }
}
