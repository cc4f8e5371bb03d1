/** Any async function behind Executor and Knob, one input or a batch of them at a time. */
import { types } from 'node:util';
import { isId } from '../../executor/domain.ts';
import { functionExecutor } from '../../executor/function-executor.ts';
import type { KnobParts } from '../../executor/knob.ts';
import type { MeasuredExecutor } from '../../executor/measured-executor.ts';
import { reserveName } from '../../executor/names.ts';
import { batchKnobs } from '../../executor/queue-knobs.ts';
import { runsWork, workText } from '../../executor/work-text.ts';
import { expected } from '../../foundation/options.ts';
import { gateKnobs } from '../wrap-options.ts';
import { type BatchOptions, resolveWrapFunctionOptions, type WrapFunctionOptions } from './options.ts';

/** Gets the caller's signal, or that of the call's deadline, where there is one, so that it can stop. */
export type WrappableFunction<I, O> = (
  input: I,
  context: { readonly signal: AbortSignal } | undefined,
) => O | Promise<O>;

/**
 * Returns one result per input, in their order. A result may be a promise: its call ends when that does. Where it
 * returns anything else, each call of the batch rejects with ERR_SANDTUNE_RESULT.
 */
export type WrappableBatchFunction<I, O> = (
  inputs: I[],
) => readonly (O | Promise<O>)[] | Promise<readonly (O | Promise<O>)[]>;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function wrapFunction<I, O>(
  target: WrappableFunction<I, O> | WrappableBatchFunction<I, O>,
  given: WrapFunctionOptions & { readonly batch?: BatchOptions },
): MeasuredExecutor<I, O> {
  if (types.isGeneratorFunction(target)) {
    const wanted = 'a function that gives its result (the work of a generator begins when it is read)';
    throw expected('wrap(function)', wanted, target);
  }
  const options = resolveWrapFunctionOptions(given, isId(target.name) ? target.name : 'function');
  const { concurrency, batch, maxQueue } = options;
  const one = target as WrappableFunction<I, O>;
  using reserved = reserveName(options);
  const executor = functionExecutor<I, O>({
    ...options,
    name: reserved.name,
    queue: {
      maxQueue,
      ...(concurrency && { limit: concurrency.value }),
      ...(batch && { size: batch.size, lingerMs: batch.lingerMs }),
    },
    knobs: (queue) => [
      ...gateKnobs(queue, options),
      ...(batch
        ? batchKnobs(
            queue,
            {
              value: batch.size,
              max: batch.max,
              source: 'wrap({ batch: { size } })',
              option: inBatch('size'),
            },
            {
              value: batch.lingerMs,
              source: 'wrap({ batch: { lingerMs } })',
              option: inBatch('lingerMs'),
            },
          )
        : []),
    ],
    ...(batch
      ? { runBatch: target as WrappableBatchFunction<I, O> }
      : {
          runOne: ({ input, workSignal }) => one(input, workSignal && { signal: workSignal }),
        }),
  });
  reserved.heldBy(executor);
  runsWork(executor, workText(target));
  return executor;
}

function inBatch(option: string): NonNullable<KnobParts['option']> {
  return { of: 'wrap()', argument: 'second', path: ['batch', option] };
}
