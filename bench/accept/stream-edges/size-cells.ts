/** Records of sizes that nobody plans for: one of a gigabyte, a million of nothing, none at all. */

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/foundation/errors.ts';
import { isSandtuneError, measured } from '../../../src/index.ts';
import {
  createStreamProcessor,
  type Framing,
  fileCheckpoints,
  fileSink,
  fileSource,
  fixed,
  functionSink,
  iterableSource,
  lengthPrefixed,
  lines,
  type RecordBatch,
  type Sink,
  type StreamOptions,
} from '../../../src/stream/index.ts';
import type { AloneCell } from './file-cells.ts';

const pieceBytes = 256 * 1024;
const manyRecords = 1_000_000;
/** What a record that is too long may cost, however long it is. */
const mostGrowthBytes = 96 * 2 ** 20;

let made = 0;
const same = () => measured({ name: `edge-sizes-${made++}`, run: (given: RecordBatch) => given });

function streamOf(options: StreamOptions) {
  return createStreamProcessor(same(), { takes: 'batch', batchRecords: 4096, ...options });
}

/** `first`, one record of so many bytes, `last`; as bytes of a framing. */
function* withHuge(framing: Framing, bytes: number): Generator<Uint8Array> {
  const framed = function* (length: number, pieces: Iterable<Uint8Array>) {
    const { before, after } = framing.around(length);
    if (before.length > 0) yield before;
    yield* pieces;
    if (after.length > 0) yield after;
  };
  yield* framed(5, [Buffer.from('first')]);
  const piece = new Uint8Array(pieceBytes).fill(120);
  yield* framed(
    bytes,
    (function* () {
      for (let left = bytes; left > 0; left -= pieceBytes) yield left >= pieceBytes ? piece : piece.subarray(0, left);
    })(),
  );
  yield* framed(4, [Buffer.from('last')]);
}

async function hugeRecord(framing: Framing, bytes: number, onFailed: 'fail' | 'skip' | 'dead-letter') {
  const letters: { readonly offset: number; readonly byteLength: number; readonly error: unknown }[] = [];
  const stream = streamOf({
    framing,
    onFailed,
    ...(onFailed === 'dead-letter' && {
      deadLetters: ({ offset, bytes: kept, error }) => void letters.push({ offset, byteLength: kept.length, error }),
    }),
  });
  const given: string[] = [];
  const sink = functionSink((records) => void given.push(...records.map((one) => Buffer.from(one.bytes).toString())));
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  const error = await stream.run(iterableSource(withHuge(framing, bytes), { gives: 'bytes' }), sink).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  clearInterval(watch);
  const grown = peak - before;
  return {
    error,
    given,
    letters,
    faults: grown > mostGrowthBytes ? [`grew by ${Math.round(grown / 2 ** 20)} MiB`] : [],
  };
}

const isTooLarge = (error: unknown) => isSandtuneError(error) && error.code === 'ERR_SANDTUNE_RECORD_TOO_LARGE';

function hugeCells(name: string, framing: Framing): Readonly<Record<string, AloneCell>> {
  return {
    [`a record of 1 GiB, ${name} × fails the run`]: async (_, size) => {
      const { error, faults } = await hugeRecord(framing, size, 'fail');
      const isRight = isSandtuneError(error) && error.code === 'ERR_SANDTUNE_RECORD_FAILED' && isTooLarge(error.cause);
      return isRight ? faults : [...faults, `ended in ${messageOf(error)}`];
    },
    [`a record of 1 GiB, ${name} × is left out`]: async (_, size) => {
      const { error, given, faults } = await hugeRecord(framing, size, 'skip');
      return error === null && given.join() === 'first,last'
        ? faults
        : [...faults, `${messageOf(error)}, gave ${given.length}`];
    },
    [`a record of 1 GiB, ${name} × goes with the dead letters`]: async (_, size) => {
      const { error, given, letters, faults } = await hugeRecord(framing, size, 'dead-letter');
      const [letter] = letters;
      const isRight =
        letters.length === 1 && letter?.offset === 1 && letter.byteLength <= 1024 && isTooLarge(letter.error);
      return error === null && isRight && given.join() === 'first,last'
        ? faults
        : [...faults, `${messageOf(error)}, ${letters.length} letters`];
    },
  };
}

function emptyCells(name: string, framing: Framing): Readonly<Record<string, AloneCell>> {
  return {
    [`an empty stream, ${name} × completes`]: async (folder) => {
      const at = (file: string) => join(folder, file);
      writeFileSync(at('in'), '');
      const checkpoints = fileCheckpoints(at('checkpoints'));
      const stream = streamOf({ framing, delivery: 'effectively-once' });
      const first = await stream.run(fileSource(at('in')), fileSink(at('out')), { checkpoints, job: 'empty' });
      const again = await stream.run(fileSource(at('in')), fileSink(at('out')), { checkpoints, job: 'empty' });
      await checkpoints.close();
      const isEmpty = existsSync(at('out')) && statSync(at('out')).size === 0;
      return isEmpty && first.read + again.read === 0 && again.resumedFrom !== null
        ? []
        : [JSON.stringify({ first, again })];
    },
  };
}

/** A million of them, in pieces that end anywhere. */
function* nothings(framing: Framing): Generator<Uint8Array> {
  const { before, after } = framing.around(0);
  const one = Buffer.concat([before, after]);
  const all = Buffer.alloc(one.length * manyRecords, one);
  for (let at = 0; at < all.length; at += 65_533) yield all.subarray(at, at + 65_533);
}

function manyCells(name: string, framing: Framing): Readonly<Record<string, AloneCell>> {
  return {
    [`one million empty records, ${name} × completes`]: async () => {
      let count = 0;
      const sink = functionSink((records) => {
        count += records.filter(({ bytes }) => bytes.length === 0).length;
      });
      const stream = streamOf({ framing, bufferRecords: 10_000 });
      const done = await stream.run(iterableSource(nothings(framing), { gives: 'bytes' }), sink);
      const isRight = count === manyRecords && done.delivered === manyRecords && done.peakRecords <= 10_000;
      return isRight ? [] : [`gave ${count}, ${done.peakRecords} in flight`];
    },
  };
}

export const sizeCells: Readonly<Record<string, AloneCell>> = {
  ...hugeCells('lines', lines()),
  ...hugeCells('length', lengthPrefixed()),
  ...emptyCells('lines', lines()),
  ...emptyCells('length', lengthPrefixed()),
  ...emptyCells('bytes:7', fixed(7)),
  'an empty stream, records × completes': async () => {
    const given: unknown[] = [];
    for await (const result of streamOf({}).process([])) given.push(result);
    for await (const result of streamOf({}).batches([[]])) given.push(result);
    return given.length === 0 ? [] : [`gave ${given.length}`];
  },
  ...manyCells('lines', lines()),
  ...manyCells('length', lengthPrefixed()),
  'a sink that never acknowledges × holds the source up': async () => {
    let read = 0;
    const records = function* () {
      for (;;) yield Buffer.from(String(read++));
    };
    const stop = new AbortController();
    const stream = streamOf({ bufferRecords: 1000 });
    const sink: Sink = {
      name: 'dead',
      undoes: 'none',
      open: async () => ({ write: async () => {}, flush: async () => ({ kind: 'none' }), close: async () => {} }),
    };
    const running = stream.run(records(), sink, { signal: stop.signal }).then(
      () => 'completed',
      (error: unknown) => error,
    );
    for (let i = 0; i < 5000; i++) await new Promise((resolve) => setImmediate(resolve));
    const { inFlightRecords } = stream.progress();
    const reason = new Error('enough');
    stop.abort(reason);
    const end = await running;
    return read <= 1001 && inFlightRecords <= 1000 && end === reason
      ? []
      : [`read ${read}, held ${inFlightRecords}, ${messageOf(end)}`];
  },
};
