/** Where a session is, as far as its records say. */
import type { RecordOf } from '../entries/entries.ts';

/** The phase of the tuner, as far as its records say. */
export type SessionPhase =
  | 'observing'
  | 'following'
  | 'choosing'
  | 'waiting'
  | 'probing'
  | 'trying'
  | 'asking'
  | 'resting'
  | 'suspended'
  | 'ended';

/** The phase that a record begins. A session that is ending still returns to its anchor, but decides nothing any more. */
export function phaseOf({ phase }: RecordOf<'phase'>): SessionPhase {
  return phase === 'observing' || phase === 'resting' || phase === 'suspended' ? phase : 'ended';
}
