/**
 * One call of an executor for one record, or for a batch of them: a sandbox is called with the name of its
 * function, everything else with the records themselves.
 */
import type { CallOptions, Executor } from '../contracts.ts';
import { expected } from '../foundation/options.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import type { Takes } from './options.ts';
import { packed, type RecordResult, resultsOf, unpacked } from './record-batch.ts';

/** What a stream needs of an executor. */
export type StreamExecutor = Pick<Executor<never, unknown>, 'name' | 'knobs'> & {
  run(input: never, call?: CallOptions): Promise<unknown>;
};

/** Rejects as the call did: of a batch, for all of its records. */
export type CallRecords = (
  records: readonly { readonly bytes: Uint8Array }[],
  options: CallOptions,
) => Promise<readonly RecordResult[]>;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_EXPORT_MISSING where a sandbox has no such function */
export function callRecords(executor: StreamExecutor, functionName: string | undefined, takes: Takes): CallRecords {
  const call = callOf(executor, functionName);
  if (takes === 'batch')
    return async (records, options) => unpacked(await call(packed(records), options), records.length);
  return async ([record], options) => [
    resultsOf(await call((record as { readonly bytes: Uint8Array }).bytes, options)),
  ];
}

function callOf(
  executor: StreamExecutor,
  functionName: string | undefined,
): (input: unknown, options: CallOptions) => Promise<unknown> {
  const isExecutor =
    typeof executor === 'object' &&
    executor !== null &&
    typeof executor.run === 'function' &&
    Array.isArray(executor.knobs);
  if (!isExecutor) throw expected('executor', 'what createSandbox(), wrap() or measured() gives', executor);
  if (executor instanceof Sandbox) {
    const { functionNames } = executor;
    const [only] = functionNames;
    const name = functionName ?? (functionNames.length === 1 ? only : undefined);
    if (name === undefined) throw expected('function', `one of ${functionNames.join(', ')}`, functionName);
    const guestFunction = executor.function(name);
    return (input, options) => guestFunction.run([input], options);
  }
  if (functionName !== undefined) throw expected('function', 'nothing but for a sandbox', functionName);
  return (input, options) => executor.run(input as never, options);
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
