/**
 * Where a call stands among those that wait beside it: whose it is, and how urgent to whoever it belongs to.
 * A call that names neither has none, and costs nothing here, unless others of its queue do.
 */
import type { ReadCallOptions } from '../foundation/call-options.ts';
import type { Priority } from '../words.ts';

/** How what a call took is told to whatever shares out the time of its executor. */
export interface TimeShare {
  /** Its work took so long, ms. */
  took(ms: number): void;
}

export class CallStanding {
  /** undefined: of nobody in particular. */
  readonly tenant: string | undefined;
  readonly priority: Priority;
  /** Where the rest of it is kept; null before it waits. Only the queue writes this, and what follows. */
  share: TimeShare | null = null;
  /** Whether it waits there, or is what its dispatch is counted by. */
  where: 'nowhere' | 'waiting' | 'out' = 'nowhere';
  /** Bytes that it was counted for while it waits. */
  bytes = 0;

  constructor(tenant: string | undefined, priority: Priority) {
    this.tenant = tenant;
    this.priority = priority;
  }
}

/** Of options that were read; null where they say neither. */
export function standingOf({ tenant, priority }: ReadCallOptions): CallStanding | null {
  return tenant !== undefined || priority !== 'normal' ? new CallStanding(tenant, priority) : null;
}
