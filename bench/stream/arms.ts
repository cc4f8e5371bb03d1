/**
 * The ways in which records go through what gives them back as they are: a processor over a guest, and what
 * people use today. Each arm is given the same records and counts those that came out.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Piscina } from 'piscina';
import { createSandbox } from 'sandtune';
import {
  createStreamProcessor,
  databaseCheckpoints,
  databaseSink,
  fileCheckpoints,
  functionSink,
  iterableSource,
  type Sink,
  type StreamOptions,
  type StreamRunOptions,
} from 'sandtune/stream';
import { systemClock } from '../../src/foundation/clock.ts';
import type { Arm, Numbers, OpenArm } from '../compare.ts';
import { streamGuest } from './guest.ts';

export interface Load {
  readonly recordBytes: number;
  readonly threads: number;
  readonly batchRecords: number;
}

/** Records that come at once, as a source reads them. */
const pieceBytes = 65_536;

/** Lists of records until the time is over. */
function* recordsFor(ms: number, { recordBytes }: Load): Generator<Uint8Array[]> {
  const endMs = systemClock.now() + ms;
  const records = Array.from({ length: Math.max(1, Math.floor(pieceBytes / recordBytes)) }, (_, i) =>
    new Uint8Array(recordBytes).fill(i),
  );
  while (systemClock.now() < endMs) yield records;
}

/** @param pass how many records went through while the source gave them for so long */
async function measured({ recordBytes }: Load, pass: () => Promise<number>): Promise<Numbers> {
  const startMs = systemClock.now();
  const count = await pass();
  const seconds = (systemClock.now() - startMs) / 1000;
  return { recordsPerS: count / seconds, gbPerS: (count * recordBytes) / seconds / 1e9 };
}

/** What a run is given besides its source, opened anew for each window. */
export interface Ends extends AsyncDisposable {
  readonly sink: Sink;
  readonly run?: StreamRunOptions;
}

const nothing = (): Ends => ({
  sink: functionSink(() => {}, { borrows: true }),
  [Symbol.asyncDispose]: async () => {},
});

/** @param ends where the results go, and where checkpoints are kept @defaultValue nowhere */
export function ours(load: Load, options: StreamOptions = {}, ends: () => Ends | Promise<Ends> = nothing): Arm {
  return {
    open: async (): Promise<OpenArm> => {
      const binding = new URL('./records-binding.ts', import.meta.url);
      const { threads, batchRecords } = load;
      const guests = { g: { module: await streamGuest(), binding, functions: ['same'] } };
      const sandbox = await createSandbox({ guests, threads });
      const stream = createStreamProcessor(sandbox, {
        function: 'same',
        takes: 'shared',
        batchRecords,
        batchBytes: 2 ** 20,
        ...options,
      });
      return {
        measure: async (ms) => {
          await using given = await ends();
          const source = iterableSource(() => recordsFor(ms, load), { gives: 'records' });
          return await measured(load, async () => (await stream.run(source, given.sink, given.run)).delivered);
        },
        [Symbol.asyncDispose]: () => sandbox.close(),
      };
    },
  };
}

/** A folder, with what is kept in it. */
export async function durable(kind: 'files' | 'database'): Promise<Ends> {
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-bench-'));
  const checkpoints =
    kind === 'files' ? fileCheckpoints(join(folder, 'checkpoints')) : databaseCheckpoints(join(folder, 'all.sqlite'));
  const sink = kind === 'files' ? functionSink(() => {}, { borrows: true }) : databaseSink(join(folder, 'all.sqlite'));
  return {
    sink,
    run: { checkpoints, job: 'bench' },
    [Symbol.asyncDispose]: async () => {
      await checkpoints.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A table without checkpoints, which is committed once, at the end. */
export async function uncommitted(): Promise<Ends> {
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-bench-'));
  return {
    sink: databaseSink(join(folder, 'all.sqlite')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `Readable.map()` over a pool of as many threads, one record a task. */
export function readableMap(load: Load): Arm {
  return {
    open: async () => {
      const { threads } = load;
      const filename = new URL('./same-worker.ts', import.meta.url).href;
      const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads, concurrentTasksPerWorker: 64 });
      return {
        measure: (ms) =>
          measured(load, async () => {
            let count = 0;
            const records = Readable.from(recordsFor(ms, load)).flatMap((list: Uint8Array[]) => list);
            const results = records.map((record: Uint8Array) => pool.run(record), { concurrency: 64 * threads });
            for await (const _ of results) count++;
            return count;
          }),
        [Symbol.asyncDispose]: () => pool.close({ force: true }),
      };
    },
  };
}

/** A web `TransformStream` whose JavaScript copies each record into a memory and out again, on this thread. */
export function webTransform(load: Load): Arm {
  return arm(load, async (ms) => {
    const memory = new Uint8Array(load.recordBytes);
    const transform = new TransformStream<Uint8Array, Uint8Array>({
      transform(record, controller) {
        memory.set(record);
        controller.enqueue(memory.slice());
      },
    });
    let count = 0;
    const records = ReadableStream.from(flat(recordsFor(ms, load)));
    for await (const _ of records.pipeThrough(transform)) count++;
    return count;
  });
}

/** Nothing but the two copies that a guest cannot do without. */
export function copies(load: Load): Arm {
  return arm(load, async (ms) => {
    const memory = new Uint8Array(load.recordBytes);
    const out = new Uint8Array(load.recordBytes);
    let count = 0;
    for (const list of recordsFor(ms, load)) {
      for (const record of list) {
        memory.set(record);
        out.set(memory);
        count++;
      }
    }
    return count;
  });
}

function arm(load: Load, pass: (ms: number) => Promise<number>): Arm {
  return {
    open: async () => ({ measure: (ms) => measured(load, () => pass(ms)), [Symbol.asyncDispose]: async () => {} }),
  };
}

function* flat(lists: Iterable<Uint8Array[]>): Generator<Uint8Array> {
  for (const list of lists) yield* list;
}
