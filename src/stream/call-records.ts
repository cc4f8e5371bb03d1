/**
 * One call of an executor for one record, or for a batch of them: a sandbox is called with the name of its
 * function, everything else with the records themselves.
 */
import { isUint8Array } from 'node:util/types';
import type { CallOptions, Executor } from '../contracts.ts';
import { bufferOf } from '../foundation/bytes.ts';
import { copyOfBytes } from '../foundation/copy-bytes.ts';
import { expected, reading } from '../foundation/options.ts';
import { type GuestFunction, Sandbox, sandboxOf } from '../sandbox/sandbox.ts';
import { isLargePart } from './flow/kept-bytes.ts';
import type { Takes } from './options.ts';
import { fromShared, packed, packedInto, type RecordResult, resultsOf, unpacked } from './record-batch.ts';
import { type Block, BlockPool } from './shared-blocks.ts';

/** What a stream needs of an executor. */
export type StreamExecutor = Pick<Executor<never, unknown>, 'name' | 'knobs'> & {
  run(input: never, call?: CallOptions): Promise<unknown>;
};

export interface Called {
  /** length = records */
  readonly results: readonly RecordResult[];
  /** What the results lie in, to be let go by who called; null where they are nobody else's. */
  readonly block: Block | null;
}

/** The signal is that of the run, and fires with its end. */
export type RunCallOptions = CallOptions & { readonly signal: AbortSignal };

/** Rejects as the call did: of a batch, for all of its records. */
export type CallRecords = (
  records: readonly { readonly bytes: Uint8Array }[],
  options: RunCallOptions,
) => Promise<Called>;

/** Room for results beside that of the records: as much again, and some for short ones that grow. */
const moreResultBytes = 4096;

/** Blocks are up to so many times as large as what lies in them. */
const blockFactor = 2;

/**
 * @param bufferBytes of all records and results at once
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_EXPORT_MISSING where a sandbox has no such function
 */
export function callRecords(
  executor: StreamExecutor | GuestFunction,
  functionName: string | undefined,
  takes: Takes,
  bufferBytes: number,
): CallRecords {
  const call = callOf(executor, functionName);
  if (takes === 'shared') return sharedCall(call, new BlockPool(blockFactor * bufferBytes));
  if (takes === 'batch')
    return async (records, options) => ({
      results: unpacked(await call(packed(records), options), records.length),
      block: null,
    });
  return async ([record], options) => ({
    results: [resultsOf(await call((record as { readonly bytes: Uint8Array }).bytes, options))],
    block: null,
  });
}

function sharedCall(call: (input: unknown, options: CallOptions) => Promise<unknown>, pool: BlockPool): CallRecords {
  return async (records, options) => {
    let byteLength = 0;
    for (const { bytes } of records) byteLength += bytes.length;
    const given = pool.take(byteLength, options.signal);
    let block: Block | undefined;
    try {
      block = pool.take(byteLength + moreResultBytes, options.signal);
      const batch = packedInto(given.memory, block.memory, records);
      const value = fromShared(batch, unshared(await call(batch, options)));
      const { bytes } = (value ?? {}) as { readonly bytes?: unknown };
      const isInBlock = bytes instanceof Uint8Array && bytes.buffer === block.memory.buffer;
      // A few results would hold the whole block until they are acknowledged.
      const isHeld = isInBlock && isLargePart(bytes.length, block.memory.length);
      const own = isInBlock && !isHeld ? { ...(value as object), bytes: copyOfBytes(bytes) } : value;
      const results = unpacked(own, records.length);
      given.letGo();
      if (isHeld) return { results, block };
      block.letGo();
      return { results, block: null };
    } catch (error) {
      // What runs late of a call that failed may still write to them.
      given.lose();
      block?.lose();
      throw error;
    }
  };
}

function callOf(
  executor: StreamExecutor | GuestFunction,
  functionName: string | undefined,
): (input: unknown, options: CallOptions) => Promise<unknown> {
  if (typeof executor === 'function' && sandboxOf(executor)) {
    if (functionName !== undefined) throw expected('function', "nothing beside a guest's function", functionName);
    return (input, options) => (executor as GuestFunction).run([input], options);
  }
  const asked = 'what createSandbox(), wrap() or measured() gives';
  const isExecutor = reading(
    'executor',
    asked,
    executor,
    () =>
      typeof executor === 'object' &&
      executor !== null &&
      typeof executor.run === 'function' &&
      Array.isArray(executor.knobs),
  );
  if (!isExecutor) throw expected('executor', asked, executor);
  if (executor instanceof Sandbox) {
    const { functionNames } = executor;
    const [only] = functionNames;
    const name = functionName ?? (functionNames.length === 1 ? only : undefined);
    if (name === undefined) throw expected('function', `one of ${functionNames.join(', ')}`, functionName);
    const guestFunction = executor.function(name);
    return (input, options) => guestFunction.run([input], options);
  }
  if (functionName !== undefined) throw expected('function', 'nothing but for a sandbox', functionName);
  const others = executor as StreamExecutor;
  return (input, options) => others.run(input as never, options);
}

/** Calls that keep the executor busy: two for each of its threads, or as many as it runs at once. */
export function defaultConcurrency(executor: StreamExecutor): number {
  const of = (id: string): number => {
    const value = executor.knobs.find((knob) => knob.id === id)?.read().effective;
    return typeof value === 'number' && Number.isFinite(value) ? value : 0;
  };
  const threads = of('threads') || of('maxThreads');
  return Math.max(2, Math.ceil(threads > 0 ? 2 * threads : of('concurrency')));
}

/** With bytes of its own where the function answered with memory that is shared, as with what it was given: that is used again. */
function unshared(value: unknown): unknown {
  const { bytes } = (value ?? {}) as { readonly bytes?: unknown };
  if (!isUint8Array(bytes) || bufferOf.call(bytes) instanceof ArrayBuffer) return value;
  return { ...(value as object), bytes: copyOfBytes(bytes) };
}
