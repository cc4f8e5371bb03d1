/**
 * How a run ends, of each state and event: the rules that the docstring of `run()` gives, as a function.
 *
 *   the first that fails counts · what is not asked any more cannot fail · what is over stays as it is
 */
import { aborting, endless, errors, type RunEventName } from './events.ts';
import { firstReason, type RunStateName } from './states.ts';

export type Outcome =
  | { readonly kind: 'completes' }
  /** By `error` itself, or by one with this code. */
  | { readonly kind: 'fails'; readonly error?: unknown; readonly code?: string }
  /** Until it is aborted. */
  | { readonly kind: 'waits' };

const completes: Outcome = { kind: 'completes' };

export function outcomeOf(state: RunStateName, event: RunEventName): Outcome {
  if (state === 'over') return completes;
  if (state === 'stopping') return { kind: 'fails', error: firstReason };
  if (aborting.includes(event)) return { kind: 'fails', error: errors.abort };
  if (endless.includes(event)) return { kind: 'waits' };
  const hasDeadLetters = state === 'putting a dead letter';
  switch (event) {
    case 'source throws':
      return state === 'draining' ? completes : { kind: 'fails', error: errors.source };
    case 'sink throws':
      return { kind: 'fails', error: errors.sink };
    case 'sink refuses a record':
      return { kind: 'fails', error: errors.refused };
    case 'guest traps':
      return hasDeadLetters ? completes : { kind: 'fails', code: 'ERR_SANDTUNE_RECORD_FAILED' };
    case 'record too long':
      return hasDeadLetters || state === 'draining' ? completes : { kind: 'fails', code: 'ERR_SANDTUNE_RECORD_FAILED' };
    case 'store is fenced off':
      return { kind: 'fails', error: errors.fenced };
    case 'store fails again and again':
      return { kind: 'fails', code: 'ERR_SANDTUNE_CHECKPOINT' };
    case 'dead letters cannot be put':
      return hasDeadLetters ? { kind: 'fails', code: 'ERR_SANDTUNE_SINK' } : completes;
    case 'executor is closed':
      return { kind: 'fails', error: errors.closed };
    case 'sink cannot be closed':
      return { kind: 'fails', error: errors.sinkClose };
    case 'source cannot be closed':
      return { kind: 'fails', error: errors.sourceClose };
    default:
      return completes;
  }
}

/**
 * Where the newest checkpoint stands then: 'prefix': exactly behind the contiguous prefix of records that are done
 * with; 'behind': there or before it, because the store was not there to say more.
 */
export function positionOf(state: RunStateName, event: RunEventName): 'prefix' | 'behind' {
  if (event === 'store is fenced off' || event === 'store fails again and again') return 'behind';
  if (event === 'dead letters cannot be put') return 'behind';
  return state === 'saving' && aborting.includes(event) ? 'behind' : 'prefix';
}
