/**
 * The ways in which records go through what gives them back as they are: a processor over a guest, and what
 * people use today. Each arm is given the same records and counts those that came out.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { createSandbox, type Sandbox } from 'sandtune';
import {
  createStreamProcessor,
  databaseCheckpoints,
  databaseSink,
  fileCheckpoints,
  functionSink,
  keepGuestStates,
  type Sink,
  type StreamOptions,
  type StreamRunOptions,
} from 'sandtune/stream';
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import type { Arm, Numbers, OpenArm } from '../compare.ts';
import { streamGuest } from './guest.ts';
import { recordsFor } from './records.ts';
import { Tap } from './tap.ts';

export interface Load {
  readonly recordBytes: number;
  readonly threads: number;
  readonly batchRecords: number;
}

/** @param pass how many records went through while the source gave them for so long */
async function measured({ recordBytes }: Load, pass: () => Promise<number>): Promise<Numbers> {
  const startMs = systemClock.now();
  const count = await pass();
  return numbersOf(recordBytes, count, (systemClock.now() - startMs) / 1000);
}

function numbersOf(recordBytes: number, count: number, seconds: number): Numbers {
  return { recordsPerS: count / seconds, gbPerS: (count * recordBytes) / seconds / 1e9 };
}

/** What a run is given besides its source; opened anew for each start. */
export interface Ends extends AsyncDisposable {
  readonly sink: Sink;
  readonly run?: StreamRunOptions;
}

const nothing = (): Ends => ({
  sink: functionSink(() => {}, { borrows: true }),
  [Symbol.asyncDispose]: async () => {},
});

export interface OurArm {
  readonly options?: StreamOptions;
  /** Where the results go, and where checkpoints are kept. @defaultValue nowhere */
  readonly ends?: () => Ends | Promise<Ends>;
  /** Bytes of a state that is in each checkpoint. @defaultValue 0: the guest keeps none */
  readonly stateBytes?: number;
}

/** A processor over a guest, in one run from its start to its end. */
export function ours(load: Load, { options = {}, ends = nothing, stateBytes = 0 }: OurArm = {}): Arm {
  return {
    open: async (): Promise<OpenArm> => {
      await using stack = new AsyncDisposableStack();
      const sandbox = stack.use(await openGuest(load.threads, stateBytes));
      const given = stack.use(await ends());
      const stream = createStreamProcessor(sandbox, { ...batchesOf(load), ...options });
      const tap = new Tap(load.recordBytes);
      const guestState = stateBytes > 0 && given.run?.checkpoints ? { guestState: keepGuestStates(sandbox) } : {};
      const running = stream.run(tap.source, given.sink, { ...given.run, ...guestState });
      const failed = running.then(() => {
        throw new Error('the run has ended');
      });
      failed.catch(() => undefined);
      const open = stack.move();
      return {
        measure: async (ms) => {
          const before = stream.progress().delivered;
          return await measured(load, async () => {
            await Promise.race([tap.run(ms), failed]);
            while (stream.progress().inFlightRecords > 0)
              await Promise.race([systemTimers.sleep(0.5, { keepAlive: true }), failed]);
            return stream.progress().delivered - before;
          });
        },
        [Symbol.asyncDispose]: async () => {
          tap.end();
          await running;
          await open.disposeAsync();
        },
      };
    },
  };
}

/** The options under which a guest gets its records in batches. */
export function batchesOf({ batchRecords }: Load): StreamOptions {
  return { function: 'same', takes: 'shared', batchRecords, batchBytes: 2 ** 20 };
}

export async function openGuest(threads: number, stateBytes = 0): Promise<Sandbox> {
  const binding = new URL('./records-binding.ts', import.meta.url);
  const module = await streamGuest(stateBytes);
  const keeps = stateBytes > 0 ? ({ state: 'memory' } as const) : {};
  return await createSandbox({ guests: { g: { module, binding, functions: ['same'], ...keeps } }, threads });
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
            const records = Readable.from(recordsFor(ms, load.recordBytes)).flatMap((list: Uint8Array[]) => list);
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
    const records = ReadableStream.from(flat(recordsFor(ms, load.recordBytes)));
    for await (const _ of records.pipeThrough(transform)) count++;
    return count;
  });
}

/** `node:stream/iter` with the same transform, on a thread of its own; left out where this Node has none. */
export function iterTransform({ recordBytes }: Load): Arm {
  return {
    optional: true,
    open: async () => {
      const worker = new Worker(new URL('./iter-worker.ts', import.meta.url), {
        execArgv: ['--experimental-stream-iter', '--disable-warning=ExperimentalWarning'],
      });
      return {
        measure: async (ms) => {
          worker.postMessage({ ms, recordBytes });
          const [took] = (await once(worker, 'message')) as [{ readonly count: number; readonly ms: number }];
          return numbersOf(recordBytes, took.count, took.ms / 1000);
        },
        [Symbol.asyncDispose]: async () => {
          await worker.terminate();
        },
      };
    },
  };
}

/** Nothing but the two copies that a guest cannot do without. */
export function copies(load: Load): Arm {
  return arm(load, async (ms) => {
    const memory = new Uint8Array(load.recordBytes);
    const out = new Uint8Array(load.recordBytes);
    let count = 0;
    for (const list of recordsFor(ms, load.recordBytes)) {
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
