/**
 * One life of a job: goes on where the one before stood, to the end, if it is let. Prints 'ready' before its run
 * begins, 'going' when it has delivered something, and 'done' after its end.
 *
 *   JSON of a JobSpec
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { wrap } from '../../../src/adapters/wrap.ts';
import { systemTimers } from '../../../src/foundation/clock.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import {
  createStreamProcessor,
  databaseCheckpoints,
  databaseSink,
  fileCheckpoints,
  fileSink,
  fileSource,
  keepGuestStates,
  lines,
  type PipelineOptions,
  pipeline,
  type Sink,
} from '../../../src/stream/index.ts';
import { type JobSpec, jobName, pathsOf, resultOf } from './jobs.ts';

/** (global (mut i32)) and a function that adds to it; it exports the function alone. */
const adder = Uint8Array.from(
  `0061736d01000000 01060160017f017f 03020100 0606017f0141000b 0707010361646400000a0d010b00230020006a240023000b`
    .replaceAll(' ', '')
    .match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
);

const restlessMs = 100;
const mostBatch = 64;
const mostLanes = 16;
/** Of records, one is slow where some are. */
const slowOneIn = 97;
const spec = JSON.parse(process.argv[2] ?? '') as JobSpec;
const { input, output, database, checkpoints: folder, store } = pathsOf(spec.folder);

const executor = spec.keepsState ? await statefulExecutor() : statelessExecutor();
const checkpoints = {
  files: () => fileCheckpoints(folder),
  database: () => databaseCheckpoints(database),
  append: () => databaseCheckpoints(store),
}[spec.form]();
const sink = { files: () => fileSink(output), database: () => databaseSink(database), append: appendSink }[spec.form]();
const options: PipelineOptions = {
  framing: lines(),
  delivery: spec.form === 'append' ? 'at-least-once' : 'effectively-once',
  bufferRecords: spec.bufferRecords,
  checkpointBytes: spec.checkpointBytes,
  checkpointIntervalMs: spec.checkpointIntervalMs,
  maxConcurrency: spec.concurrency,
  // Its controller moves lanes of its own accord, inside what is given.
  ...(spec.isRestless && { backpressure: 'adaptive' as const }),
  ...(spec.ordering && { ordering: spec.ordering }),
  ...(spec.ordering === 'key' && { keyOf: ({ bytes }: { readonly bytes: Uint8Array }) => String(bytes.at(-1)) }),
};
const before = Array.from({ length: (spec.stages ?? 1) - 1 }, (_, index) =>
  wrap(async (line: Uint8Array) => line, { name: `before-${index}`, concurrency: spec.concurrency }),
);
const processor =
  before.length > 0
    ? pipeline([...before, executor] as never, options)
    : createStreamProcessor(executor as never, options);
if (spec.isRestless) void changeSettings();
process.stdout.write('ready\n');
void tellOfProgress();
await processor.run(fileSource(input, { pieceBytes: 1024 }), sink, {
  checkpoints,
  job: jobName,
  ...(spec.keepsState && { guestState: keepGuestStates(executor as Awaited<ReturnType<typeof statefulExecutor>>) }),
});
await checkpoints.close();
process.stdout.write('done\n');
process.exit(0);

/** Takes lists of lines, of which the batch size says how many, and several at once. */
function statelessExecutor() {
  const stateless = async (lines: readonly Uint8Array[]): Promise<Uint8Array[]> => {
    const isSlow = lines.some((line) => crc32(line) % slowOneIn === 0);
    const ms = isSlow ? (spec.slowMs ?? spec.paceMs) : spec.paceMs;
    if (ms > 0) await systemTimers.sleep(ms, { keepAlive: true });
    return lines.map((bytes) => {
      const line = Buffer.from(bytes).toString();
      return Buffer.from(resultOf(line, crc32(line)));
    });
  };
  return wrap(stateless, { batch: { size: 1, max: mostBatch }, concurrency: spec.concurrency });
}

function statefulExecutor() {
  return createSandbox({
    guests: {
      adder: {
        module: adder,
        binding: new URL('adder-binding.ts', import.meta.url),
        functions: ['add'],
        state: 'memory',
      },
    },
    threads: 1,
    transport: 'message',
  });
}

async function tellOfProgress(): Promise<void> {
  while (processor.progress().delivered === 0) await systemTimers.sleep(2);
  process.stdout.write('going\n');
}

/** Undoes nothing: what was written behind the last checkpoint is there twice. */
function appendSink(): Sink {
  return {
    name: output,
    undoes: 'none',
    open: async () => {
      const file = openSync(output, 'a');
      return {
        write: async (records, ack) => {
          writeSync(file, records.map(({ bytes }) => `${Buffer.from(bytes).toString()}\n`).join(''));
          for (const record of records) ack(record);
        },
        flush: async () => {
          fsyncSync(file);
          return { kind: 'none' };
        },
        close: async () => closeSync(file),
      };
    },
  };
}

/** Batches of one to 64 calls, and one to 16 calls at once, as a tuner in a hurry would try them. */
async function changeSettings(): Promise<void> {
  const random = randomStream(process.pid, 'restless');
  const most = { batchSize: mostBatch, concurrency: mostLanes } as const;
  for (;;) {
    for (const knob of executor.knobs)
      if (knob.id === 'batchSize' || knob.id === 'concurrency')
        await knob.apply(1 + Math.floor(random() * most[knob.id])).catch(() => undefined);
    await systemTimers.sleep(restlessMs);
  }
}
