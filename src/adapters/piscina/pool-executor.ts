/** A piscina pool behind Executor and Knob, whoever built it. */
import type { MeasuredExecutor } from '../../executor/measured-executor.ts';
import { reserveName } from '../../executor/names.ts';
import { QueuedExecutor } from '../../executor/queued-executor.ts';
import { standsOn } from '../../executor/resource.ts';
import { gateKnobs } from '../wrap-options.ts';
import { idleTimeoutKnobs } from './idle-timeout.ts';
import { OwnWait } from './own-wait.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import type { PoolCallOptions } from './pool-call-options.ts';
import { PoolCarrier, queueBefore } from './pool-carrier.ts';
import type { PoolThreads } from './pool-threads.ts';
import { isPoolOver } from './worker-ends.ts';
import type { ResolvedPoolOptions } from './wrap-pool-options.ts';

export type WrappedPool<I, O> = MeasuredExecutor<I, O, PoolCallOptions>;

/** @param threadsOf makes the threads; to be called when `inUse()` has changed is what it is given */
export function poolExecutor<I, O>(
  pool: PiscinaPool<I, O>,
  options: ResolvedPoolOptions,
  threadsOf: (changed: () => void) => PoolThreads,
): WrappedPool<I, O> {
  const made: { threads?: PoolThreads; carrier?: PoolCarrier<I, O> } = {};
  using reserved = reserveName(options);
  const ownWait = new OwnWait(pool);
  const executor = new QueuedExecutor<I, O, PoolCallOptions>({
    ...options,
    name: reserved.name,
    queue: queueBefore(pool, options.concurrency?.value),
    seesSignals: true,
    parts: (queue) => {
      const threads = threadsOf(() => made.carrier?.occupy(0));
      made.threads = threads;
      return {
        gauges: {
          workers: () => threads.inUse(),
          guestBytes: () => 0,
          ownWaitMs: () => ownWait.readMs(),
          isOver: () => isPoolOver(pool),
        },
        knobs: [...threads.knobs, ...idleTimeoutKnobs(pool, threads.optionOf), ...gateKnobs(queue, options)],
        withheld: threads.withheld,
      };
    },
    carrier: (queue, recorder) => {
      made.carrier = new PoolCarrier(pool, made.threads as PoolThreads, queue, recorder);
      return made.carrier;
    },
  });
  reserved.heldBy(executor);
  // A proxy of the pool is another object, and has the same options.
  standsOn(executor, pool.options);
  return executor;
}
