/**
 * What a session takes over from those before it, read from the ledger: how much of the day's budget
 * of false commits is spent, which settings failed, how good the predictions were. It goes into the
 * session's entry, so that a replay needs no other session.
 */
import type { Recalled, RuledOut } from '../entries/entries.ts';
import { settingsKey } from '../entries/settings.ts';
import { historyOf, type SessionHistory, sessionIn, type TrialHistory, triggerOf } from '../history.ts';
import type { TunerLedger } from '../ledger.ts';
import { scoreOfRecord } from '../predict/calibrate.ts';
import { hasSpent, isOfToday, type Spent } from '../trial/budget.ts';

const dayMs = 86_400_000;
/** The newest sessions that are read, and the newest scores that are kept. */
const most = { sessions: 100, scores: 200 } as const;

/** What a history of trials, their ends and their scores needs; pairs and windows are many and are left out. */
const kinds = [
  'session',
  'record:trial',
  'record:verdict',
  'record:decision',
  'record:score',
  'record:back-off',
] as const;

/** @param nowMs Unix time. No time that is recalled lies beyond it, whatever clock it was read from */
export function recall(ledger: TunerLedger, nowMs: number): Recalled {
  const { sessions } = historyOf(ledger.history(kinds, most.sessions));
  const starts = sessions.map((one) => one.entry.startedAtMs);
  // Sessions that overlapped are brought into one order.
  const trials = sessions.flatMap((one) => one.trials).sort((a, b) => a.atMs - b.atMs);
  const momentsOf = (at: number) => momentsBefore(starts.slice(at + 1), nowMs);
  const spent = sessions.flatMap((session, at) => spentIn(session, ledger, momentsOf(at), nowMs));
  const backOffs = sessions.flatMap((session, at) => backOffsOf(session, momentsOf(at)));
  return {
    spent: spent.sort((a, b) => a.atMs - b.atMs),
    scores: trials.flatMap(({ score }) => (score ? [scoreOfRecord(score)] : [])).slice(-most.scores),
    ruledOut: longestOfEach(backOffs.filter(({ untilMs }) => nowMs - untilMs < dayMs)),
  };
}

type Moment = (atMs: number) => number;

/**
 * When something really was that a session wrote down at `atMs`. A time ahead of now was read from a clock
 * that has been set back since: then all that is known is that it was before the sessions that came later.
 * @param laterStarts when those began, by their own clocks
 */
function momentsBefore(laterStarts: readonly number[], nowMs: number): Moment {
  const latestMs = Math.min(nowMs, ...laterStarts.filter((startMs) => startMs <= nowMs));
  return (atMs) => (atMs > nowMs ? latestMs : atMs);
}

/** By the rule that the session itself went by while it ran (../loop/step.ts). */
function spentIn(session: SessionHistory, ledger: TunerLedger, moment: Moment, nowMs: number): readonly Spent[] {
  const isAsked = ({ purpose, atMs }: TrialHistory) => purpose === 'candidate' && isOfToday(moment(atMs), nowMs);
  const asked = session.trials.filter(isAsked);
  const { trials } = asked.some((one) => one.result === null) ? withPairs(session, ledger) : session;
  return trials
    .filter((one) => isAsked(one) && hasSpent(triggerOf(one), one.result?.pairs ?? one.pairs.length))
    .map(({ atMs, design }) => ({ atMs: moment(atMs), alpha: design.commitAlpha }))
    .filter(({ alpha }) => Number.isFinite(alpha));
}

/** A trial without a verdict may have come to pairs, and only they say whether it did. */
function withPairs(session: SessionHistory, ledger: TunerLedger): SessionHistory {
  const wanted = session.entry.session;
  return sessionIn(historyOf(ledger.read({ session: wanted, windows: false })), wanted) ?? session;
}

/** Each lasts as long as it was to, from the moment it began. */
function backOffsOf({ backOffs }: SessionHistory, moment: Moment): readonly RuledOut[] {
  return backOffs.flatMap(({ settings, failures, atMs, untilMs }) => {
    const begunMs = moment(atMs);
    const ends = begunMs + untilMs - atMs;
    return Number.isFinite(ends) ? [{ settings, failures, atMs: begunMs, untilMs: ends }] : [];
  });
}

function longestOfEach(backOffs: readonly RuledOut[]): readonly RuledOut[] {
  const longest = new Map<string, RuledOut>();
  for (const one of backOffs) {
    const key = settingsKey(one.settings);
    if ((longest.get(key)?.untilMs ?? -Infinity) <= one.untilMs) longest.set(key, one);
  }
  return [...longest.values()];
}
