/**
 * A stream that begins with bad bounds, tuned while it runs: the stream and the tuner are the real ones, and only their
 * clock and the service that is called are made.
 */
import { measured } from 'sandtune';
import { createStreamProcessor, functionSink, iterableSource, type RecordBatch } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { service } from '../../bench/stream/service.ts';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { tune } from '../../tuner/tune.ts';

const piece = Array.from({ length: 64 }, () => new Uint8Array(16));
/** Four CPUs, and a call that costs as much as eight records more: one record a call on one lane is 22 a second, 700 are to be had. */
const kind = { servers: 4, kind: 'cpu', cost: { fixedMs: 40, perRecordMs: 5 }, spread: 0.2 } as const;
const buffer = { bufferBytes: 2 ** 20, bufferRecords: 4096, lowWatermark: 0.45, highWatermark: 0.9 };
const longestMs = 600_000;

/** Until something is committed; then for ten seconds more. */
async function tuned(seed: number) {
  const { clock, timers, surroundings } = manualTime();
  const served = service(kind, { clock, timers, random: randomStream(seed, 'service') });
  const called = measured({
    name: 'service',
    run: async (batch: RecordBatch) => {
      await served.call(batch.ends.length);
      return batch;
    },
  });
  const stream = createStreamProcessor(called, {
    ...buffer,
    name: `tuned-${seed}`,
    takes: 'batch',
    maxConcurrency: 1,
    batchRecords: 1,
    ordering: 'none',
    maxRecordBytes: 1024,
    surroundings: { ...surroundings, randomSource: randomStream(seed, 'stream') },
  });
  const tuner = tune(stream, {
    mode: 'auto',
    maximize: 'throughput',
    subjectTo: ['errors < 1%', 'p99 < 2s'],
    stateDir: ':memory:',
    seed,
    surroundings,
    fixed: buffer,
  });
  let committedMs = Number.POSITIVE_INFINITY;
  tuner.watch((entry) => {
    if (entry.kind === 'record' && entry.record.kind === 'decision' && entry.record.decision === 'commit')
      committedMs = Math.min(committedMs, clock.now());
  });
  const perS: number[] = [];
  const count = (records: readonly unknown[]) => {
    const second = Math.floor(clock.now() / 1000);
    perS[second] = (perS[second] ?? 0) + records.length;
  };
  function* source() {
    while (clock.now() < Math.min(longestMs, committedMs + 10_000)) yield piece;
  }
  await stream.run(iterableSource(source, { gives: 'records' }), functionSink(count, { borrows: true }));
  const { trials } = tuner.history;
  await tuner.stop();
  return { committedMs, perS, trial: trials.find(({ decision }) => decision?.decision === 'commit') };
}

describe('tune(stream)', () => {
  it.each([1, 5])('commits bounds that are proven to be many times better than bad ones (seed %i)', async (seed) => {
    const { committedMs, trial, perS } = await tuned(seed);
    expect(committedMs).toBeLessThan(longestMs);
    expect(trial?.baseline).toMatchObject({ maxConcurrency: 1, batchRecords: 1 });
    expect(trial?.result?.effect.low).toBeGreaterThan(3);
    expect(Math.max(...perS.slice(-10))).toBeGreaterThan(5 * Math.max(...perS.slice(0, 10)));
  });
});
