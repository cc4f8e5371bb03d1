/**
 * One call on its way through the sandbox, and the function it calls. Plain records: who may change
 * them is the dispatcher.
 *
 *   queued ─▶ running ─▶ settled        (queued ─▶ settled when cancelled; running ─▶ queued once more
 *                                        when its worker was lost through no fault of its own)
 */

import type { Series } from '../../measure/recorder.ts';
import type { CallTrace } from '../../measure/trace.ts';
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

/** Who is told when a call's signal fires. */
export interface CallOwner {
  cancel(call: Call): void;
}

export class Call {
  readonly fn: FunctionPlan;
  /** Dropped when it is settled: a cancelled call may stay in the queue for long. */
  args: readonly unknown[];
  readonly intendedMs: number;
  readonly submittedMs: number;
  readonly epoch: number;
  readonly idempotent: boolean;
  state: 'queued' | 'running' | 'settled' = 'queued';
  /** Has been queued a second time. It then travels alone, so that no second neighbour can take it down. */
  retried = false;
  trace: CallTrace | null = null;
  resolve!: (value: unknown) => void;
  reject!: (reason: unknown) => void;
  #signal: AbortSignal | undefined;
  #owner: CallOwner | undefined;

  constructor(
    fn: FunctionPlan,
    args: readonly unknown[],
    intendedMs: number,
    submittedMs: number,
    epoch: number,
    idempotent: boolean,
  ) {
    this.fn = fn;
    this.args = args;
    this.intendedMs = intendedMs;
    this.submittedMs = submittedMs;
    this.epoch = epoch;
    this.idempotent = idempotent;
  }

  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /** Follows a signal until `settled()`. The call is its own listener: no closure. */
  follow(signal: AbortSignal, owner: CallOwner): void {
    this.#signal = signal;
    this.#owner = owner;
    signal.addEventListener('abort', this);
  }

  handleEvent(): void {
    this.#owner?.cancel(this);
  }

  /** No more is heard of its signal. */
  settled(): void {
    this.state = 'settled';
    this.args = noArguments;
    this.#signal?.removeEventListener('abort', this);
  }
}
