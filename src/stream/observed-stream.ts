/** A processor as metrics see it. */
import type { Totals } from '../measure/recorder.ts';
import type { ObservedStream, StreamReading } from '../measure/stream-metrics.ts';

interface Observable {
  readonly name: string;
  progress(): Omit<StreamReading, 'outcomes' | 'bufferBytes'>;
  totals(): Totals;
}

/** @param bufferBytes that may be in flight now */
export function observedStream(stream: Observable, bufferBytes: () => number): ObservedStream {
  return {
    name: stream.name,
    read: () => {
      const progress = stream.progress();
      return {
        ...progress,
        slowest: progress.isUnderWay ? progress.slowest : '',
        outcomes: stream.totals().outcomes,
        bufferBytes: bufferBytes(),
      };
    },
  };
}
