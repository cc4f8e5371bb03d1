/**
 * The reading of a ledger (`history.ts`) as the package offers it: what a function is given is looked at before
 * it is read, so that anything else is refused in words of ours. Within the package the functions are called
 * without that, because they are called for each entry of a ledger.
 */
import { expected, reading } from '../src/foundation/options.ts';
import { isFlag, isNumber, isObject } from '../src/foundation/shape.ts';
import type { Entry } from './entries/entries.ts';
import type { Trigger } from './entries/triggers.ts';
import type {
  History,
  KeptSession,
  SessionHistory,
  SessionWindows,
  TrialEnding,
  TrialHistory,
  WantsSums,
} from './history.ts';
import * as unchecked from './history.ts';

/** What a value is known by, and what it is called where another came. */
interface Wanted {
  readonly text: string;
  readonly is: (value: unknown) => boolean;
}

const aHistory: Wanted = {
  text: 'a history, as historyOf() makes it,',
  is: (value) => isObject(value) && Array.isArray(value['sessions']),
};
const aSession: Wanted = {
  text: 'a session of a history',
  is: (value) => isObject(value) && isObject(value['entry']) && Array.isArray(value['trials']),
};
const aTrial: Wanted = {
  text: 'a trial of a session',
  is: (value) => isObject(value) && isNumber(value['trial']) && isFlag(value['closed']),
};
const windowsOfSession: Wanted = {
  text: 'what noSessionWindows or extendWindows() gave',
  is: (value) => isObject(value) && Array.isArray(value['trials']) && Array.isArray(value['newest']),
};
const keptSession: Wanted = {
  text: 'what nothingKept or extendKept() gave',
  is: (value) => isObject(value) && isNumber(value['unreadable']) && windowsOfSession.is(value['windows']),
};
const entryList: Wanted = {
  text: "entries, as a ledger's read() gives them,",
  is: (value) =>
    typeof value === 'object' && value !== null && typeof Reflect.get(value, Symbol.iterator) === 'function',
};
const sessionNumber: Wanted = { text: 'the number of a session', is: isNumber };
const aFunction: Wanted = { text: 'a function', is: (value) => typeof value === 'function' };

/** The history after one more entry; the same object when the entry adds nothing. O(sessions + trials of its session). */
export function checkedExtendHistory(history: History, entry: Entry): History {
  return readOf('extendHistory()', [[history, aHistory]], () => unchecked.extendHistory(history, entry));
}

/** The history of entries, in the order in which they were written. */
export function checkedHistoryOf(entries: Iterable<Entry>, before: History = unchecked.emptyHistory): History {
  const given: Given = [
    [entries, entryList],
    [before, aHistory],
  ];
  return readOf('historyOf()', given, () => unchecked.historyOf(entries, before));
}

/** The session of that number; null where there is none. */
export function checkedSessionIn(history: History, session: number): SessionHistory | null {
  const given: Given = [
    [history, aHistory],
    [session, sessionNumber],
  ];
  return readOf('sessionIn()', given, () => unchecked.sessionIn(history, session));
}

/** The trial that is not closed; null outside trials. */
export function checkedOpenTrial(session: SessionHistory): TrialHistory | null {
  return readOf('openTrial()', [[session, aSession]], () => unchecked.openTrial(session));
}

/** True while windows that are measured belong to the trial. */
export function checkedIsRunning(trial: TrialHistory): boolean {
  return readOf('isRunning()', [[trial, aTrial]], () => unchecked.isRunning(trial));
}

/** What became of the trial. */
export function checkedEndingOf(trial: TrialHistory): TrialEnding {
  return readOf('endingOf()', [[trial, aTrial]], () => unchecked.endingOf(trial));
}

/** The trigger that ended the trial, or will end it once somebody has decided; null before. */
export function checkedTriggerOf(trial: TrialHistory): Trigger | null {
  return readOf('triggerOf()', [[trial, aTrial]], () => unchecked.triggerOf(trial));
}

/**
 * With one more entry of the session; the same object when the entry adds nothing.
 * @param session its history, this entry included
 */
export function checkedExtendWindows(
  windows: SessionWindows,
  session: SessionHistory,
  entry: Entry,
  wants?: WantsSums,
): SessionWindows {
  const given: Given = [
    [windows, windowsOfSession],
    [session, aSession],
    ...(wants === undefined ? [] : [[wants, aFunction] as const]),
  ];
  return readOf('extendWindows()', given, () => unchecked.extendWindows(windows, session, entry, wants));
}

/**
 * With one more entry of the session. Of another session that begins, the fold begins anew; other entries
 * of another session add nothing.
 */
export function checkedExtendKept(kept: KeptSession, entry: Entry): KeptSession {
  return readOf('extendKept()', [[kept, keptSession]], () => unchecked.extendKept(kept, entry));
}

type Given = readonly [readonly [unknown, Wanted], ...(readonly [unknown, Wanted])[]];

/** What `read`, which changes nothing, gives of these values. */
function readOf<T>(caller: string, given: Given, read: () => T): T {
  for (const [value, { text, is }] of given) {
    if (!reading(caller, text, value, () => is(value))) throw expected(caller, text, value);
  }
  // Where what is deep within is amiss, the first of them is named.
  const [[first, { text }]] = given;
  return reading(caller, text, first, read);
}
