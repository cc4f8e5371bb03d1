/**
 * An intent that puts a setting other than the anchor in force is carried out only once it is on disk,
 * so that the ledger of a killed process names the setting it was on, and while nobody else tunes. An
 * intent to go back to the anchor waits for nothing, not even for a ledger that cannot be written: the
 * next start begins on the anchor whether that intent was written or not.
 */
import type { Settings } from '../../src/contracts.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { sameSettings } from '../entries/settings.ts';
import type { Action } from '../loop/state.ts';

export function leavesAnchor(records: readonly TunerRecord[], anchor: Settings): boolean {
  return records.some(
    (record) => record.kind === 'intent' && record.purpose !== 'revert' && !sameSettings(record.settings, anchor),
  );
}

/** True for an action under which calls meet, or are made ready for, a setting other than the anchor. */
export function putsInForce(action: Action, anchor: Settings): boolean {
  switch (action.kind) {
    case 'measure':
    case 'settle':
      return !sameSettings(action.settings, anchor);
    case 'warm':
      return !sameSettings(action.a, anchor) || !sameSettings(action.b, anchor);
    case 'await':
    case 'end':
      return false;
  }
}
