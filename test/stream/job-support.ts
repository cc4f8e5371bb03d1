/** A job that reads a file of lines and writes another, with its checkpoints beside them. */

import { fork } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout, setImmediate as turn } from 'node:timers/promises';
import {
  type Checkpoint,
  type CheckpointStorage,
  createStreamProcessor,
  type Delivery,
  fileCheckpoints,
  fileSink,
  fileSource,
  lines,
  type StreamOptions,
} from 'sandtune/stream';
import { executorOf, jitter, numbers } from './stream-support.ts';

export interface Job {
  readonly folder: string;
  readonly source: string;
  readonly out: string;
}

export function jobOf(folder: string): Job {
  return { folder, source: join(folder, 'in.txt'), out: join(folder, 'out.txt') };
}

export function jobIn(folder: string, records: readonly string[]): Job {
  const job = jobOf(folder);
  writeFileSync(job.source, records.map((one) => `${one}\n`).join(''));
  return job;
}

export function stream(seed: number, options: StreamOptions = {}) {
  const wait = jitter(seed);
  const executor = executorOf(async (text) => {
    await wait();
    return `<${text}>`;
  });
  return createStreamProcessor(executor, { framing: lines(), checkpointIntervalMs: 10, bufferRecords: 50, ...options });
}

export async function run({ folder, source, out }: Job, options: StreamOptions, signal?: AbortSignal) {
  const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
  try {
    const processor = stream(1, options);
    return await processor.run(fileSource(source, { pieceBytes: 1024 }), fileSink(out), {
      checkpoints,
      job: 'job',
      ...(signal && { signal }),
    });
  } finally {
    await checkpoints.close();
  }
}

export const records = numbers(3000);
export const expected = records.map((one) => `<${one}>\n`).join('');

/** Runs it in a process of its own, which is killed once its output has so many bytes; resolves when it is gone. */
export async function killedAt(job: Job, delivery: Delivery, outBytes: number): Promise<void> {
  const program = new URL('./killed-run-child.ts', import.meta.url);
  const child = fork(program, [job.folder, delivery], { stdio: 'inherit' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (child.exitCode === null && sizeOf(job.out) < outBytes) await setTimeout(1);
  child.kill('SIGKILL');
  await gone;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Keeps what is saved. */
export function recording(saved: Checkpoint[]): CheckpointStorage {
  return {
    name: 'recording',
    fence: async () => 1,
    save: async (checkpoint) => {
      await turn();
      saved.push(checkpoint);
    },
    restore: async () => ({ checkpoint: undefined, quarantined: [] }),
    list: async () => [],
    verify: async (id) => ({ id, isWhole: true, reason: undefined }),
    close: async () => {},
  };
}
