/** What an executor over a pool asks of the pool's threads, whoever built it. */
import type { KnobParts } from '../../executor/knob.ts';

/**
 * The threads of a pool. Decides how many of them calls go to: by the load balancer of a pool of ours, by
 * holding the others of a user's.
 */
export interface PoolThreads {
  /** Where an option of the pool is written. */
  readonly optionOf: (name: string) => NonNullable<KnobParts['option']>;
  readonly knobs: readonly KnobParts[];
  /** Knobs that cannot be offered for this pool, each with the reason. */
  readonly withheld: Readonly<Record<string, string>>;
  /** Threads that calls go to, ≥ 1; the pool may have more, which a trial has reserved. O(1), no allocation. */
  inUse(): number;
  /** Calls that each of them takes at once. @defaultValue what the pool was configured with */
  callsPerThread?(): number;
  /** Called when a call was settled: ends threads that are no longer needed. */
  tidy(): void;
  /** Called when the pool was closed. */
  closed(): void;
}
