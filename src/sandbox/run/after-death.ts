/**
 * What becomes of a batch's members when its worker ends before it has answered. Pure.
 *
 *   finished, not returned │ running │ not started
 *   retry if contained     │ lost    │ retry            (retry: once; then lost)
 *
 * "Contained" guests have no imports and no binding, which is host code and may have done anything:
 * nothing outside the instance, which is gone, saw the call. A call its caller declared idempotent is
 * retried once wherever it was. The call that overran its deadline never gets here again: it is the
 * `culprit`.
 */
import { notBegun } from './protocol.ts';

export type Fate = 'retry' | 'lost' | 'timeout';

export interface Member {
  readonly contained: boolean;
  readonly idempotent: boolean;
  readonly retried: boolean;
}

/**
 * @param running the slot's `running` as it was found: −1, an index, the batch's size, or condemned
 * @param index of the member
 */
export function fateOf(running: number, index: number, member: Member): Fate {
  const culprit = running < notBegun ? -2 - running : undefined;
  const reached = culprit ?? running;
  if (index === culprit) return 'timeout';
  if (member.retried) return 'lost';
  if (member.idempotent || index > reached) return 'retry';
  return index < reached && member.contained ? 'retry' : 'lost';
}

/**
 * How far a member had come when its worker ended.
 * @param running as above
 * @param entered the function of the call that ran had been called
 */
export function stageReached(
  running: number,
  entered: boolean,
  index: number,
): 'queue' | 'start' | 'execute' | 'return' {
  const reached = running < notBegun ? -2 - running : running;
  if (index > reached) return 'queue';
  if (index < reached) return 'return';
  return entered ? 'execute' : 'start';
}
