/**
 * What becomes of the calls a unit leaves unanswered.
 *
 *   not started ('queue') │ running ('start', 'execute') │ finished, not returned ('return')
 *   repeated              │ lost                         │ repeated if contained, else lost
 *
 * A call is repeated once; when its unit leaves it unanswered again, it is lost. A contained guest has no
 * imports and no binding, so nothing outside its instance, which is gone, has seen the call. A call that
 * its caller declared idempotent is repeated once wherever it was. The call that overran its deadline is
 * never repeated.
 */
import type { Stage } from '../../contracts.ts';
import type { DispatchQueue } from '../../executor/dispatch-queue.ts';
import { deadlineError } from '../../foundation/call-errors.ts';
import { deadlineOf, type GuestCall } from './call.ts';
import { lostError, noWorkerError, unclonable } from './call-errors.ts';
import type { TierFailures } from './tier.ts';

/** Pure. @param stage how far the call had come when its unit ended */
export function isRepeated(
  stage: Stage,
  {
    contained,
    idempotent,
    retried,
  }: { readonly contained: boolean; readonly idempotent: boolean; readonly retried: boolean },
): boolean {
  if (retried) return false;
  return idempotent || stage === 'queue' || (stage === 'return' && contained);
}

export class Recovery implements TierFailures {
  readonly #queue: DispatchQueue<GuestCall>;
  readonly #deadlineMs: number;

  constructor(queue: DispatchQueue<GuestCall>, deadlineMs: number) {
    this.#queue = queue;
    this.#deadlineMs = deadlineMs;
  }

  lost(call: GuestCall, stage: Stage, cause: unknown): void {
    if (call.settled) return;
    const { plan, idempotent, retried } = call;
    if (!isRepeated(stage, { contained: plan.contained, idempotent, retried })) {
      call.failed('lost', lostError(plan.name, stage, cause));
      return;
    }
    call.retried = true;
    this.#queue.again(call);
  }

  overran(call: GuestCall, stage: Stage): void {
    const deadlineMs = deadlineOf(call, this.#deadlineMs);
    call.failed('timeout', deadlineError(call.plan.name, deadlineMs, stage, 'its worker was replaced'));
  }

  refused(call: GuestCall, cause: unknown): void {
    call.failed('rejected', unclonable(call.plan.name, cause));
  }

  broken(cause: unknown): void {
    for (const call of this.#queue.clear()) call.failed('lost', noWorkerError(call.plan.name, cause));
  }
}
