/** One call of a guest's function on its way through the sandbox, and the function it calls. */
import type { CallOptions } from '../../contracts.ts';
import type { Linked } from '../../foundation/ring.ts';
import { Call, type CallBooks, type Series } from '../../measure/call.ts';
import type { Signature } from '../module/describe-module.ts';

/** A function the host may call, resolved once. */
export interface FunctionPlan {
  /** Position in the worker's table. */
  readonly id: number;
  /** 'guest.function' */
  readonly name: string;
  readonly series: Series;
  /** Of a raw export; undefined behind a binding, which takes what can be cloned. */
  readonly signature: Signature | undefined;
  /** The guest has no imports and no binding: nothing outside its instance can have seen a call that did not return. */
  readonly contained: boolean;
}

export class GuestCall extends Call implements Linked {
  readonly plan: FunctionPlan;
  readonly args: readonly unknown[];
  /**
   * True once the call has been queued for the second time. It then travels alone, so that no neighbour
   * can take it down again.
   */
  retried = false;
  /** When its caller gave it up while it may have run, on the clock; NaN where nobody has. */
  abandonedMs = Number.NaN;
  /** What holds the call for its worker, and under which name, where the way it travels has such a thing. */
  heldBy: object | null = null;
  heldAs = -1;
  before: Linked | null = null;
  after: Linked | null = null;

  constructor(books: CallBooks, plan: FunctionPlan, args: readonly unknown[], options: CallOptions | undefined) {
    super(books, plan.series, options, plan.name);
    this.plan = plan;
    this.args = args;
  }
}

/** The deadline that holds for a call: its own, else the sandbox's. */
export function deadlineOf({ limits }: GuestCall, sandboxMs: number): number {
  return limits !== null && limits.deadlineMs < Number.POSITIVE_INFINITY ? limits.deadlineMs : sandboxMs;
}
