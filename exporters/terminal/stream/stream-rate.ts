/** How fast a stream goes: over the last seconds, so that a stall is seen and a start is forgotten. Pure. */
import type { StreamProgress } from '../../../src/stream/index.ts';

export interface StreamSample {
  readonly atMs: number;
  readonly progress: StreamProgress;
}

export interface StreamRate {
  readonly recordsPerS: number;
  readonly bytesPerS: number;
}

const overMs = 5000;

/** The samples that still count, with the newest: those of the last seconds, and one before them. */
export function samplesWith(samples: readonly StreamSample[], newest: StreamSample): readonly StreamSample[] {
  const since = samples.findLastIndex(({ atMs }) => atMs <= newest.atMs - overMs);
  return [...samples.slice(Math.max(0, since)), newest];
}

/** Of what was delivered; null before two samples differ in time. */
export function rateOver(samples: readonly StreamSample[]): StreamRate | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.atMs <= first.atMs) return null;
  const seconds = (last.atMs - first.atMs) / 1000;
  const done = ({ progress }: StreamSample) => progress.bytesIn - progress.inFlightBytes;
  return {
    recordsPerS: (last.progress.delivered - first.progress.delivered) / seconds,
    bytesPerS: Math.max(0, done(last) - done(first)) / seconds,
  };
}
