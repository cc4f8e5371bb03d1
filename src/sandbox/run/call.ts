/**
 * One call on its way through the sandbox, and the function it calls.
 *
 *   queued ─▶ running ─▶ settled        (queued ─▶ settled when cancelled; running ─▶ queued once more
 *                                        when its worker was lost through no fault of its own)
 */

import type { CallOptions } from '../../contracts.ts';
import { type CallBooks, Call as MeasuredCall, type Series } from '../../measure/call.ts';
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

const noArguments: readonly unknown[] = Object.freeze([]);

export class Call extends MeasuredCall<unknown> {
  readonly fn: FunctionPlan;
  /** Dropped when it is settled: a cancelled call may stay in the queue for long. */
  args: readonly unknown[];
  /** It waits in the queue. */
  queued = false;
  /** Has been queued a second time. It then travels alone, so that no second neighbour can take it down. */
  retried = false;

  constructor(books: CallBooks, fn: FunctionPlan, args: readonly unknown[], options: CallOptions | undefined) {
    super(books, fn.series, options, fn.name);
    this.fn = fn;
    this.args = args;
  }

  /** It is settled: what it was called with is not needed any more. */
  drop(): void {
    this.args = noArguments;
  }
}
