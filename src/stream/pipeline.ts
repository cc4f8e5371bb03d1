/**
 * Several stages as one processor: a record goes through all of them, and while one stage has it the others have
 * others.
 *
 *   const stream = pipeline([sandbox.function('parse'), { executor: pool, maxConcurrency: 8 }, sandbox.function('render')]);
 *   await stream.run(source, sink, { checkpoints });
 *
 * All that a processor promises holds from the source to the sink, whatever the number of stages: one budget of
 * credits, the order of results, positions, deliveries, aborts. Between stages records pass in memory, in any
 * order; what fails is called again in the stage in which it failed, and is left out as a whole.
 */
import type { GuestFunction } from '../sandbox/sandbox.ts';
import type { StreamExecutor } from './call-records.ts';
import { resolveStreamOptions, type StreamOptions } from './options.ts';
import { StreamProcessor } from './processor.ts';
import { type PipelineStage, resolveStages } from './stages.ts';

/** Of all stages; a stage's own go before them. */
export type PipelineOptions = Omit<StreamOptions, 'function'>;

/**
 * A processor whose stages work at once, under one budget of what may be in flight.
 * @param stages 1 to 64: functions of guests, executors, or either with options of its own
 * @param options of all of it; `takes`, `maxConcurrency`, batch and linger are those of stages that have none of their own
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_EXPORT_MISSING where a sandbox has no such function
 */
export function pipeline(
  stages: readonly (GuestFunction | StreamExecutor | PipelineStage)[],
  options: PipelineOptions = {},
): StreamProcessor {
  const resolved = resolveStreamOptions(options, 'pipeline()');
  return new StreamProcessor(resolved, resolveStages(stages, resolved));
}
