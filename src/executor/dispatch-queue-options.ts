/** What a dispatch queue is made with. */
import type { Clock, Timers } from '../foundation/clock.ts';
import type { Carrier } from './carrier.ts';
import type { ResolvedTenants } from './tenants.ts';

export interface DispatchQueueOptions<T, U> {
  /** The executor's name, for the error of a call that is shed. */
  readonly name: string;
  readonly carrier: Carrier<T, U>;
  /** Dispatches that may be out at once: integer ≥ 1 or Infinity. @defaultValue Infinity */
  readonly limit?: number;
  /** Most calls in one dispatch: integer ≥ 1. @defaultValue 1 */
  readonly size?: number;
  /** How long the first call of a part-filled dispatch waits for others. @defaultValue 0 */
  readonly lingerMs?: number;
  /** Calls that may wait beyond those that the free units take; read for each call. */
  readonly maxWaiting: number;
  /** @defaultValue no limits */
  readonly tenants?: ResolvedTenants;
  readonly clock: Clock;
  readonly timers: Timers;
}
