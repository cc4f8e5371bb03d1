/** One call of a guest's function on its way through the sandbox, and the function it calls. */
import { isUint8Array } from 'node:util/types';
import type { CallOptions, Outcome } from '../../contracts.ts';
import { wrongArguments } from '../../foundation/call-errors.ts';
import { isSandtuneError, messageOf } from '../../foundation/errors.ts';
import type { Linked } from '../../foundation/ring.ts';
import { Call, type CallBooks, type Execution, type Series } from '../../measure/call.ts';
import type { Signature } from '../module/describe-module.ts';
import { misfitOf, type ResultOptions, resultOptions, resultPlaceOf } from './result-options.ts';
import type { ResultPlace } from './result-place.ts';
import type { SignatureCodec } from './ring/signature-codec.ts';

/** A function the host may call, resolved once. */
export interface FunctionPlan {
  /** Position in the worker's table. */
  readonly id: number;
  /** 'guest.function' */
  readonly name: string;
  readonly series: Series;
  /** Of a raw export; undefined behind a binding, which takes what can be cloned. */
  readonly signature: Signature | undefined;
  /** How values travel that were checked against the signature; null where there is none. */
  readonly codec: SignatureCodec | null;
  /** The guest has no imports and no binding: nothing outside its instance can have seen a call that did not return. */
  readonly contained: boolean;
}

/** What a caller may say of one call of a guest's function. */
export interface SandboxCallOptions extends CallOptions, ResultOptions {}

const ownOptions = { names: resultOptions, areAll: true };

export class GuestCall extends Call implements Linked {
  readonly plan: FunctionPlan;
  readonly args: readonly unknown[];
  /** Where the bytes of its result go; null: into memory of their own. */
  readonly place: ResultPlace | null;
  /**
   * True once the call has been queued for the second time. It then travels alone, so that no neighbour
   * can take it down again.
   */
  retried = false;
  /** When its caller gave it up while it may have run, on the clock; −1 where nobody has: a small integer takes no object. */
  abandonedMs = -1;
  /** What holds the call for its worker, and under which name, where the way it travels has such a thing. */
  heldBy: object | null = null;
  heldAs = -1;
  before: Linked | null = null;
  after: Linked | null = null;

  constructor(books: CallBooks, plan: FunctionPlan, args: readonly unknown[], options: SandboxCallOptions | undefined) {
    super(books, plan.series, options, plan.name, ownOptions);
    this.plan = plan;
    this.args = args;
    this.place = options === undefined || options === null ? null : this.#placeOf(options);
  }

  /** The call has come back with a value. O(1), no allocation where its caller does not say where to put it. */
  returned(value: unknown, ran: Execution): void {
    const { place } = this;
    if (place === null || this.settled) this.ok(value, ran);
    else this.#placed(place, value, ran);
  }

  #placed(place: ResultPlace, value: unknown, ran: Execution): void {
    const given = place.isTaken || !isUint8Array(value) ? value : place.take(value);
    const error = misfitOf(place, this.plan.name, value);
    ran.bytesOut = place.byteLength;
    if (error === null) this.ok(given, ran);
    else this.failed('trap', error, ran);
  }

  override failed(outcome: Exclude<Outcome, 'ok'>, error: unknown, ran?: Execution): void {
    super.failed(outcome, error, ran);
    // Refused by the constructor above it has none yet.
    this.place?.ended();
  }

  #placeOf(options: SandboxCallOptions): ResultPlace | null {
    if (this.settled) return null;
    const { name } = this.plan;
    let place: ReturnType<typeof resultPlaceOf>;
    try {
      place = resultPlaceOf(name, options);
    } catch (cause) {
      place = wrongArguments(`${name}: expected call options that can be read, got ${messageOf(cause)}`, cause);
    }
    if (!isSandtuneError(place)) return place;
    this.failed('rejected', place);
    return null;
  }
}

/** The deadline that holds for a call: its own, else the sandbox's. */
export function deadlineOf({ limits }: GuestCall, sandboxMs: number): number {
  return limits !== null && limits.deadlineMs < Number.POSITIVE_INFINITY ? limits.deadlineMs : sandboxMs;
}
