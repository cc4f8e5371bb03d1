/** Options of `createStreamProcessor()`: what they mean, their defaults, and the checks at the boundary. */
import { idText, isId } from '../executor/domain.ts';
import { checkFunction } from '../foundation/foreign-values.ts';
import {
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkText,
  expected,
  reading,
} from '../foundation/options.ts';
import { type ResolvedSurroundings, resolveSurroundings, type Surroundings } from '../foundation/surroundings.ts';
import type { StreamRecord } from './contracts.ts';
import type { Framing } from './framing/framing.ts';
import { type OnFailed, type PutDeadLetter, type ResolvedOnFailed, resolveOnFailed } from './on-failed.ts';

/** Within what results keep the order of their records. */
export type Ordering = 'none' | 'key' | 'partition';
/** What a restart may do with records that were under way: leave them out, repeat them, or neither. */
export type Delivery = 'at-most-once' | 'at-least-once' | 'effectively-once';
/** What becomes of a record that finds no room. */
export type Backpressure = 'block' | 'drop-newest' | 'drop-oldest' | 'sample' | 'adaptive';
/** In the words of `node:stream/iter`: strict is block; it has drop-newest and drop-oldest too, and unbounded is refused. */
export type BackpressureWord = Backpressure | 'strict';
/** Where a start goes on that finds checkpoints, and what it does with records that failed before. */
export type RecoveryMode = 'restart-from-checkpoint' | 'from-beginning' | 'fail-fast' | 'skip-failed' | 'dead-letter';
/**
 * What the function is called with: the bytes of one record, a `RecordBatch`, or a `SharedBatch` in memory that
 * host and worker share, as the functions of `records()` of sandtune/bindings take it.
 */
export type Takes = 'record' | 'batch' | 'shared';

/** How records are cut, called, bounded, ordered and delivered. */
export interface StreamOptions {
  /** What the processor is called, in ledgers and in the job of a run. @defaultValue after what it runs, '…-stream' */
  readonly name?: string;
  /** Name of the guest's function, for a sandbox; nothing for every other executor. */
  readonly function?: string;
  /** What the function is called with. @defaultValue 'record' */
  readonly takes?: Takes;
  /** How records lie in bytes that come in, and in those that go out. @defaultValue each piece that comes in is a record */
  readonly framing?: Framing;
  /** Which results keep the order of their records: those of a partition, those of one key, or none. @defaultValue 'partition' */
  readonly ordering?: Ordering;
  /**
   * The key of a record, for `ordering: 'key'` and `backpressure: 'sample'`: a text, at once. A record of which it throws,
   * or gives something else, has failed, as `onFailed` says. @defaultValue the record's bytes, for sampling
   */
  readonly keyOf?: (record: StreamRecord) => string;
  /** What a restart may do with records that were under way. @defaultValue 'at-least-once' */
  readonly delivery?: Delivery;
  /** Bytes in flight, from the source to the sink's acknowledgement: 1 KiB to 2^40. @defaultValue 64 MiB */
  readonly bufferBytes?: number;
  /** Records in flight, 1 to 2^24. @defaultValue 65,536 */
  readonly bufferRecords?: number;
  /** Calls in flight, 1 to 65,536. @defaultValue twice the executor's threads or its concurrency */
  readonly maxConcurrency?: number;
  /** What happens to records that come while the buffer is full. @defaultValue 'block' */
  readonly backpressure?: BackpressureWord;
  /** Share of the buffer, of bytes or of records, at which a pause ends: 0 to `highWatermark`. @defaultValue 0.5, or half of that where it is less */
  readonly lowWatermark?: number;
  /** Share of the buffer at which the source is paused: 0 to 1. @defaultValue 0.9 */
  readonly highWatermark?: number;
  /** Most time between two checkpoints, 10 to 86,400,000 ms. @defaultValue 1000 */
  readonly checkpointIntervalMs?: number;
  /** Most bytes delivered between two checkpoints. @defaultValue 64 MiB */
  readonly checkpointBytes?: number;
  /** What a start does with the state of an earlier run. @defaultValue 'restart-from-checkpoint' */
  readonly recovery?: RecoveryMode;
  /**
   * Names what the functions do, 1 to 64 characters: a start whose checkpoint was made under another name is refused.
   * @defaultValue none: where the text of a function, or a guest's module, is another, `isConfigChanged` says so
   */
  readonly version?: string;
  /** Longest that a record waits for a batch to fill, 0 to 60,000 ms. @defaultValue 5 */
  readonly lingerMs?: number;
  /** Most records in a batch, 1 to 65,536; for batches. @defaultValue 256 */
  readonly batchRecords?: number;
  /** Bytes at which a batch is full, 1 to 2^30; for batches. @defaultValue 1 MiB */
  readonly batchBytes?: number;
  /** Longest record, in or out: 1 to `bufferBytes`. A longer one has failed, as `onFailed` says. @defaultValue 1 MiB */
  readonly maxRecordBytes?: number;
  /** What becomes of a record whose call failed. @defaultValue 'fail' */
  readonly onFailed?: OnFailed;
  /** Takes dead letters; a record is done with when its promise resolves. Required by 'dead-letter', refused without. */
  readonly deadLetters?: PutDeadLetter;
  /** For tests and simulators. @defaultValue the process's own */
  readonly surroundings?: Surroundings;
}

export interface ResolvedStreamOptions
  extends Required<
    Omit<
      StreamOptions,
      | 'name'
      | 'function'
      | 'framing'
      | 'keyOf'
      | 'maxConcurrency'
      | 'backpressure'
      | 'onFailed'
      | 'deadLetters'
      | 'recovery'
      | 'version'
      | 'surroundings'
    >
  > {
  readonly name: string | undefined;
  readonly function: string | undefined;
  readonly framing: Framing | undefined;
  readonly keyOf: ((record: StreamRecord) => string) | undefined;
  readonly maxConcurrency: number | undefined;
  readonly backpressure: Backpressure;
  readonly onFailed: ResolvedOnFailed;
  readonly deadLetters: PutDeadLetter | undefined;
  readonly recovery: 'restart-from-checkpoint' | 'from-beginning' | 'fail-fast';
  readonly version: string | null;
  readonly surroundings: ResolvedSurroundings;
}

export const streamDefaults = Object.freeze({
  takes: 'record',
  ordering: 'partition',
  delivery: 'at-least-once',
  bufferBytes: 64 * 2 ** 20,
  bufferRecords: 65_536,
  backpressure: 'block',
  lowWatermark: 0.5,
  highWatermark: 0.9,
  checkpointIntervalMs: 1000,
  checkpointBytes: 64 * 2 ** 20,
  recovery: 'restart-from-checkpoint',
  lingerMs: 5,
  batchRecords: 256,
  batchBytes: 2 ** 20,
  maxRecordBytes: 2 ** 20,
  onFailed: 'fail',
} as const);

const keys = [
  ...Object.keys(streamDefaults),
  'name',
  'function',
  'framing',
  'keyOf',
  'maxConcurrency',
  'deadLetters',
  'version',
  'surroundings',
];

const longestVersion = 64;

type Maker = 'createStreamProcessor()' | 'pipeline()';

/** @param what they are the options of @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveStreamOptions(
  options: StreamOptions,
  what: Maker = 'createStreamProcessor()',
): ResolvedStreamOptions {
  return reading(what, 'options', options, () => readStreamOptions(options, what));
}

function readStreamOptions(given: StreamOptions, what: Maker): ResolvedStreamOptions {
  const isPipeline = what === 'pipeline()';
  checkKeys(what, given, isPipeline ? keys.filter((key) => key !== 'function') : keys);
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as StreamOptions;
  const all = { ...streamDefaults, ...named };
  const bufferBytes = checkInteger('bufferBytes', all.bufferBytes, { min: 1024, max: 2 ** 40 });
  const highWatermark = checkNumber('highWatermark', all.highWatermark, { min: 0.01, max: 1 });
  const lowWatermark = checkNumber(
    'lowWatermark',
    given.lowWatermark ?? Math.min(all.lowWatermark, highWatermark / 2),
    {
      min: 0,
      max: highWatermark,
    },
  );
  const { recovery, onFailed } = resolveRecovery(all.recovery, given.onFailed);
  const takes = checkOneOf<Takes>('takes', all.takes, ['record', 'batch', 'shared']);
  for (const name of ['batchRecords', 'batchBytes'] as const)
    if (!isPipeline && takes === 'record' && given[name] !== undefined)
      throw expected(name, "nothing beside takes: 'record', under which no batch is made", given[name]);
  const resolved: ResolvedStreamOptions = {
    name: given.name === undefined ? undefined : checkName(given.name),
    function: given.function === undefined ? undefined : checkText('function', given.function),
    takes,
    framing: checkFraming(given.framing),
    ordering: checkOneOf<Ordering>('ordering', all.ordering, ['none', 'key', 'partition']),
    keyOf: given.keyOf,
    delivery: checkOneOf<Delivery>('delivery', all.delivery, ['at-most-once', 'at-least-once', 'effectively-once']),
    bufferBytes,
    bufferRecords: checkInteger('bufferRecords', all.bufferRecords, { min: 1, max: 2 ** 24 }),
    maxConcurrency:
      given.maxConcurrency === undefined
        ? undefined
        : checkInteger('maxConcurrency', given.maxConcurrency, { min: 1, max: 65_536 }),
    backpressure: resolveBackpressure(all.backpressure),
    lowWatermark,
    highWatermark,
    checkpointIntervalMs: checkNumber('checkpointIntervalMs', all.checkpointIntervalMs, { min: 10, max: 86_400_000 }),
    checkpointBytes: checkInteger('checkpointBytes', all.checkpointBytes, { min: 1 }),
    recovery,
    lingerMs: checkNumber('lingerMs', all.lingerMs, { min: 0, max: 60_000 }),
    batchRecords: checkInteger('batchRecords', all.batchRecords, { min: 1, max: 65_536 }),
    batchBytes: checkInteger('batchBytes', all.batchBytes, { min: 1, max: 2 ** 30 }),
    maxRecordBytes: checkInteger('maxRecordBytes', given.maxRecordBytes ?? Math.min(all.maxRecordBytes, bufferBytes), {
      min: 1,
      max: bufferBytes,
    }),
    onFailed,
    deadLetters: given.deadLetters,
    version: given.version === undefined ? null : checkVersion(given.version),
    surroundings: resolveSurroundings(given.surroundings),
  };
  checkTogether(resolved);
  return resolved;
}

function resolveBackpressure(given: unknown): Backpressure {
  if (given === 'unbounded')
    throw expected(
      'backpressure',
      'a bound, since memory is bounded always: bufferBytes may be as large as 2^40',
      given,
    );
  const words = ['block', 'strict', 'drop-newest', 'drop-oldest', 'sample', 'adaptive'] as const;
  const word = checkOneOf<BackpressureWord>('backpressure', given as BackpressureWord, words);
  return word === 'strict' ? 'block' : word;
}

/** `skip-failed` and `dead-letter` say what becomes of failed records; a restart they do from the checkpoint. */
function resolveRecovery(
  given: RecoveryMode,
  onFailed: OnFailed | undefined,
): Pick<ResolvedStreamOptions, 'recovery' | 'onFailed'> {
  const recovery = checkOneOf<RecoveryMode>('recovery', given, [
    'restart-from-checkpoint',
    'from-beginning',
    'fail-fast',
    'skip-failed',
    'dead-letter',
  ]);
  if (recovery !== 'skip-failed' && recovery !== 'dead-letter')
    return { recovery, onFailed: resolveOnFailed(onFailed === undefined ? streamDefaults.onFailed : onFailed) };
  const sets = recovery === 'skip-failed' ? 'skip' : 'dead-letter';
  if (onFailed !== undefined && onFailed !== sets)
    throw expected('onFailed', `'${sets}', which recovery: '${recovery}' sets, or nothing`, onFailed);
  return { recovery: 'restart-from-checkpoint', onFailed: resolveOnFailed(sets) };
}

function checkTogether(options: ResolvedStreamOptions): void {
  const { ordering, keyOf, delivery, backpressure, onFailed, deadLetters } = options;
  if (keyOf !== undefined) checkFunction('keyOf', keyOf, 'a function of a record');
  if (ordering === 'key' && keyOf === undefined)
    throw expected('keyOf', "a function of a record, by whose result ordering: 'key' orders", keyOf);
  if (onFailed.atLast === 'dead-letter')
    checkFunction('deadLetters', deadLetters, 'a function that takes dead letters');
  else if (deadLetters !== undefined)
    throw expected('deadLetters', "nothing without onFailed: 'dead-letter'", deadLetters);
  if (delivery !== 'effectively-once') return;
  // Which records are missing, or in which order they stand, would depend on how fast things were.
  if (ordering !== 'partition') throw expected('ordering', "'partition' beside delivery: 'effectively-once'", ordering);
  if (backpressure !== 'block' && backpressure !== 'adaptive')
    throw expected(
      'backpressure',
      "'block' or 'adaptive', which lose nothing, beside delivery: 'effectively-once'",
      backpressure,
    );
}

function checkVersion(version: unknown): string {
  if (typeof version !== 'string' || version === '' || version.length > longestVersion)
    throw expected('version', `text of 1 to ${longestVersion} characters`, version);
  return version;
}

function checkName(name: unknown): string {
  if (!isId(name)) throw expected('name', idText, name);
  return name;
}

function checkFraming(framing: unknown): Framing | undefined {
  if (framing === undefined) return undefined;
  const { reader, around, name } = (typeof framing === 'object' && framing !== null ? framing : {}) as Partial<Framing>;
  if (typeof reader !== 'function' || typeof around !== 'function' || typeof name !== 'string')
    throw expected('framing', 'lines(), lengthPrefixed(), fixed(N) or { name, reader, around }', framing);
  return framing as Framing;
}
