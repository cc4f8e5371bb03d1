/**
 * What an earlier run of `sandtune stream` left for an output: its newest checkpoint, which says with what it was
 * made. Another guest, function, framing or choice would make another output behind the same beginning.
 */
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { Checkpoint, CheckpointStorage } from '../../../src/stream/index.ts';
import { printable } from '../../words/printable.ts';
import { UsageError } from '../exit-codes.ts';
import type { StreamArguments } from './stream-arguments.ts';

/** What decides an output, by the option that sets it. JSON. */
export type MadeWith = Readonly<
  Record<'--module' | '--function' | '--framing' | '--stateful' | '--on-failed' | '--max-record-bytes', string>
>;

export function madeWith(given: StreamArguments, sha256: string): MadeWith {
  return {
    '--module': `SHA-256 ${sha256.slice(0, 16)}`,
    '--function': given.functionName,
    '--framing': given.framingText,
    '--stateful': given.stateful ? 'yes' : 'no',
    '--on-failed': given.onFailed,
    '--max-record-bytes': String(given.maxRecordBytes),
  };
}

/** One output has one sequence of checkpoints, whatever folder it was named from. */
export function streamJob(out: string): string {
  const path = resolve(out);
  const name = basename(path)
    .replace(/[^\w.-]+/g, '_')
    .slice(0, 30);
  return `stream ${name} ${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}

/** @throws {UsageError} where there is none, or it was made with something else */
export async function earlierRun(storage: CheckpointStorage, out: string, now: MadeWith): Promise<Checkpoint> {
  const { checkpoint } = await storage.restore(streamJob(out));
  if (!checkpoint)
    throw new UsageError(
      `--resume: expected a checkpoint of a run that wrote ${out}, found none in ${storage.name}; --state-dir says where they are`,
    );
  const before = (checkpoint.metadata ?? {}) as Partial<MadeWith>;
  for (const option of Object.keys(now) as (keyof MadeWith)[])
    if (before[option] !== now[option])
      throw new UsageError(
        printable(`--resume: expected ${option} as before (${before[option] ?? 'not known'}), got ${now[option]}`),
      );
  return checkpoint;
}
