/** What the pool runs that anything may befall: each input says what becomes of it. */
import { systemTimers } from '../../../src/foundation/clock.ts';
import type { Fate } from './random-faults.ts';

/**
 * Where a worker is ended while Node's `require()` loads an ES module that has a default export and not this, Node
 * 26 aborts the whole process. piscina loads so, and these workers are ended at any moment.
 */
export const __esModule = true;

export interface Fated {
  readonly fate: Fate;
  readonly call: number;
  /** Counts the runs of each call. */
  readonly runs: SharedArrayBuffer;
}

export default async function work({ fate, call, runs }: Fated): Promise<unknown> {
  Atomics.add(new Int32Array(runs), call, 1);
  if (fate === 'throws') throw new RangeError('asked to');
  if (fate === 'exits') process.exit(3);
  if (fate === 'throws later')
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  if (fate === 'never answers') await systemTimers.sleep(60_000, { keepAlive: true });
  if (fate === 'endless') for (;;);
  if (fate !== 'value') await systemTimers.sleep(4, { keepAlive: true });
  return fate === 'cannot be sent back' ? () => call : call;
}
