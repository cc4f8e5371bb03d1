/** Runs of a job that end, or stand still, while they have its output. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileCheckpoints, fileSink, fileSource, type OutputRecord, type Sink } from 'sandtune/stream';
import { expect } from 'vitest';
import { type Job, stream } from './job-support.ts';

/** A run of the job that stands still within a write once so much is in its output, as a stopped process does. */
export async function stoppedRun(job: Job, sink: Sink, options: Parameters<typeof stream>[1] = {}, after = 500) {
  const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
  const goesOn = Promise.withResolvers<void>();
  const stops = Promise.withResolvers<void>();
  let delivered = 0;
  const stopping: Sink = {
    ...sink,
    open: async (given) => {
      const open = await sink.open(given);
      return Object.assign(Object.create(open) as typeof open, {
        write: async (list: readonly OutputRecord[], ack: (record: OutputRecord) => void) => {
          if (delivered > after) {
            stops.resolve();
            await goesOn.promise;
          }
          delivered += list.length;
          await open.write(list, ack);
        },
        flush: () => open.flush(),
        close: (error?: unknown) => open.close(error),
      });
    },
  };
  const running = stream(1, { checkpointIntervalMs: 20, ...options }).run(fileSource(job.source), stopping, {
    checkpoints,
    job: 'job',
  });
  running.catch(() => {});
  await Promise.race([stops.promise, running]);
  return { running, goesOn: () => goesOn.resolve(), close: () => checkpoints.close() };
}

/** A run that claims the output, and ends before it has written anything. */
export async function claimedOnly(job: Job) {
  const checkpoints = fileCheckpoints(join(job.folder, 'checkpoints'));
  const source = fileSource(job.source);
  const failing = {
    ...source,
    open: async (given: Parameters<typeof source.open>[0]) => {
      const open = await source.open(given);
      const [partition] = open.partitions;
      return {
        close: () => open.close(),
        partitions: [
          {
            ...(partition as NonNullable<typeof partition>),
            read: async function* () {
              yield* [] as Uint8Array[];
              throw new Error('gone');
            },
          },
        ],
      };
    },
  };
  await expect(stream(2).run(failing, fileSink(job.out), { checkpoints, job: 'job' })).rejects.toThrow('gone');
  await checkpoints.close();
}

export const copiesIn = ({ folder }: Job) => readdirSync(folder).filter((name) => name.endsWith('.taking'));
