/** Calls that a pool is sure to refuse: with what it says of them, whatever waits before them. */
import type { QueuedCall } from '../../executor/queued-executor.ts';
import type { PiscinaPool, PiscinaRunOptions } from './piscina-shape.ts';
import type { PoolCallOptions } from './pool-call-options.ts';
import { outcomeOf } from './rejected-call.ts';

const refused = {
  input: undefined,
  isAborted: true,
  wasSent: false,
  hasLeft: undefined,
  wasTakenAlong: false,
  hadWorkerToItself: false,
} as const;

/** piscina refuses the call before it counts it, hands it on, or looks whether a worker is free. */
export async function refuseCall<I, O>(
  pool: PiscinaPool<I, O>,
  call: QueuedCall<I, O, PoolCallOptions>,
  options: PoolCallOptions | undefined,
): Promise<void> {
  try {
    // A call that waited has a signal of its own, which has fired; an event emitter cannot say that it has.
    const fired = call.signal && { ...options, signal: call.signal };
    call.ok(await pool.run(call.input, (fired ?? options) as PiscinaRunOptions));
  } catch (error) {
    const outcome = outcomeOf(error, { ...refused, name: call.series.name });
    call.failed(outcome === 'cancelled' ? outcome : 'rejected', error);
  }
}
