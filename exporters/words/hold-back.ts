/** What is said of the hold-back of a commit that is not in force. */
import { type Trigger, triggers } from '../../tuner/entries/triggers.ts';

/** A hold-back that came to no answer says nothing against its commit: it was stopped, or something else ended it. */
export function isCutShort(ending: Trigger | null): boolean {
  return ending === null || triggers[ending].judgedBy === null;
}

/** 'hold-back not passed'; 'hold-back cut short'. @param ending null: nothing is recorded of it */
export function holdBackText(ending: Trigger | null): string {
  return isCutShort(ending) ? 'hold-back cut short' : 'hold-back not passed';
}
