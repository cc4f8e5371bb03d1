/** The threads of a pool that its user built, as one wrap of it has them; and why they cannot be moved, where they cannot. */

import { HeldThreads } from './held-threads.ts';
import { type PiscinaPool, tellsOfWorkers } from './piscina-shape.ts';
import { optionOfGivenPool } from './pool-option.ts';
import type { PoolThreads } from './pool-threads.ts';
import { threadsKnob } from './threads-knob.ts';
import type { ResolvedPoolOptions } from './wrap-pool-options.ts';

/** @param changed called when another number of threads is in use */
export function usersThreads(pool: PiscinaPool, { maxThreads }: ResolvedPoolOptions, changed: () => void): PoolThreads {
  const why = whyFixed(pool);
  if (why !== undefined) return fixedThreads(pool, why);
  const held = HeldThreads.of(pool);
  const forget = held.onChange(changed);
  const knob = threadsKnob({
    configured: held.configured,
    most: maxThreads,
    down: 'live',
    source: 'new Piscina({ maxThreads })',
    option: optionOfGivenPool,
    working: () => held.working,
    move: (threads, inForce) => held.move(threads, inForce),
    keep: (threads) => held.keep(threads),
  });
  return {
    optionOf: optionOfGivenPool,
    knobs: [knob],
    withheld: {},
    inUse: () => held.inUse,
    tidy: () => held.callEnded(),
    closed: forget,
  };
}

/** A pool whose number of threads stays what its user makes it. */
function fixedThreads({ options }: PiscinaPool, why: string): PoolThreads {
  return {
    optionOf: optionOfGivenPool,
    knobs: [],
    withheld: { threads: why },
    inUse: () => Math.max(1, Math.ceil(options.maxThreads)),
    tidy() {},
    closed() {},
  };
}

/**
 * undefined where threads of the pool can be held. piscina 4 tells nobody of a worker that has become ready and
 * gives it the next call at once, so its record could be had only by async hooks over the whole process, for as
 * long as a trial lasts.
 */
function whyFixed(pool: PiscinaPool): string | undefined {
  if (!tellsOfWorkers(pool))
    return 'this piscina does not tell of its workers, so that none of them can be kept from taking calls; piscina 5 does';
  if (typeof pool.options.loadBalancer === 'function')
    return 'the pool has a load balancer of its own, which may give calls to threads that are not to take any; without one, or as wrap({ piscina: options }), it is tuned';
  return undefined;
}
