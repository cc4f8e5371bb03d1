/** What a run is given, its checks, and the name of the job whose checkpoints it goes on from. */
import { createHash } from 'node:crypto';
import { expected, reading } from '../foundation/options.ts';
import type { CheckpointStorage, GuestStateKeeper, Sink, Source } from './contracts.ts';
import type { PieceIterable } from './source/iterable-source.ts';

export interface StreamRunOptions {
  /** Where checkpoints are kept. @defaultValue nowhere: a start begins at the beginning */
  readonly checkpoints?: CheckpointStorage;
  /** One job has one sequence of checkpoints. @defaultValue the names of source, function and sink */
  readonly job?: string;
  /** Ends the run; it then rejects with the signal's reason, after a checkpoint of what was acknowledged. */
  readonly signal?: AbortSignal;
  /** Keeps the state of the guests with the checkpoints. @defaultValue none: guests keep no state that counts */
  readonly guestState?: GuestStateKeeper;
  /** JSON, kept with each checkpoint. */
  readonly metadata?: unknown;
}

/** A run as one argument, as executors take it. */
export interface StreamJob extends StreamRunOptions {
  readonly source: Source | PieceIterable;
  readonly sink: Sink;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function partsOf(
  first: Source | PieceIterable | StreamJob,
  sink: Sink | undefined,
  options: StreamRunOptions,
): readonly [Source | PieceIterable, Sink, StreamRunOptions] {
  if (sink !== undefined || typeof first !== 'object' || first === null)
    return [first as Source, sink as Sink, options];
  return reading('run()', '{ source, sink }', first, () => {
    if (!('sink' in first)) return [first, sink as unknown as Sink, options];
    const { source, sink: given, ...others } = first;
    return [source, given, others];
  });
}

/** Paths may be longer than the name of a job may be. */
export function jobName(...names: readonly string[]): string {
  const whole = names.join('-');
  if (/^[\w.-]{1,60}$/.test(whole)) return whole;
  return `${whole
    .replace(/[^\w.-]+/g, ' ')
    .slice(-40)
    .trim()} ${createHash('sha256').update(whole).digest('hex').slice(0, 16)}`;
}

export function checkSink(sink: unknown): asserts sink is Sink {
  const { open, name, undoes } = (typeof sink === 'object' && sink !== null ? sink : {}) as Partial<Sink>;
  if (typeof open !== 'function' || typeof name !== 'string' || undoes === undefined)
    throw expected('sink', 'what fileSink(), databaseSink() or functionSink() gives', sink);
}
