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

export function recall(ledger: TunerLedger, nowMs: number): Recalled {
  const { sessions } = historyOf(ledger.history(kinds, most.sessions));
  // Sessions that overlapped are brought into one order.
  const trials = sessions.flatMap((one) => one.trials).sort((a, b) => a.atMs - b.atMs);
  return {
    spent: sessions.flatMap((session) => spentIn(session, ledger, nowMs)).sort((a, b) => a.atMs - b.atMs),
    scores: trials.flatMap(({ score }) => (score ? [scoreOfRecord(score)] : [])).slice(-most.scores),
    ruledOut: ruledOutIn(sessions, nowMs),
  };
}

/** By the rule that the session itself went by while it ran (../loop/step.ts). */
function spentIn(session: SessionHistory, ledger: TunerLedger, nowMs: number): readonly Spent[] {
  const isAsked = ({ purpose, atMs }: TrialHistory) => purpose === 'candidate' && isOfToday(atMs, nowMs);
  const asked = session.trials.filter(isAsked);
  const { trials } = asked.some((one) => one.result === null) ? withPairs(session, ledger) : session;
  return trials
    .filter((one) => isAsked(one) && hasSpent(triggerOf(one), one.result?.pairs ?? one.pairs.length))
    .map(({ atMs, design }) => ({ atMs, alpha: design.commitAlpha }))
    .filter(({ alpha }) => Number.isFinite(alpha));
}

/** A trial without a verdict may have come to pairs, and only they say whether it did. */
function withPairs(session: SessionHistory, ledger: TunerLedger): SessionHistory {
  const wanted = session.entry.session;
  return sessionIn(historyOf(ledger.read({ session: wanted, windows: false })), wanted) ?? session;
}

/** The back-off of each setting that lasts longest. */
function ruledOutIn(sessions: readonly SessionHistory[], nowMs: number): readonly RuledOut[] {
  const ruledOut = new Map<string, RuledOut>();
  for (const { settings, failures, untilMs } of sessions.flatMap((one) => one.backOffs)) {
    const before = ruledOut.get(settingsKey(settings));
    if (nowMs - untilMs < dayMs && (before?.untilMs ?? -Infinity) <= untilMs)
      ruledOut.set(settingsKey(settings), { settings, failures, untilMs });
  }
  return [...ruledOut.values()];
}
