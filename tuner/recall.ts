/**
 * What a session takes over from those before it, read from the ledger: how much of the day's budget
 * of false commits is spent, which settings failed, how good the predictions were. It goes into the
 * session's entry, so that a replay needs no other session.
 */
import type { Recalled, RuledOut } from './entries/entries.ts';
import { settingsKey } from './entries/settings.ts';
import { hasSpent } from './entries/triggers.ts';
import type { TunerLedger } from './ledger.ts';
import { scoreOfRecord } from './predict/calibrate.ts';

const dayMs = 86_400_000;
/** Sessions looked at, and scores kept: the newest. */
const most = { sessions: 100, scores: 200 } as const;

const told = ['session', 'record:trial', 'record:verdict', 'record:score', 'record:back-off'] as const;

export function recall(ledger: TunerLedger, nowMs: number): Recalled {
  /** By session and trial. */
  const spent = new Map<string, { readonly atMs: number; readonly alpha: number }>();
  const scores: Recalled['scores'][number][] = [];
  const ruledOut = new Map<string, RuledOut>();
  for (const entry of ledger.history(told, most.sessions)) {
    if (entry.kind !== 'record') continue;
    const { record } = entry;
    if (record.kind === 'trial' && record.purpose === 'candidate' && nowMs - record.atMs < dayMs)
      spent.set(`${entry.session} ${record.trial}`, { atMs: record.atMs, alpha: record.design.commitAlpha });
    if (record.kind === 'verdict' && !hasSpent(record.result.trigger, record.result.pairs))
      spent.delete(`${entry.session} ${record.trial}`);
    if (record.kind === 'score') scores.push(scoreOfRecord(record));
    if (record.kind === 'back-off' && nowMs - record.untilMs < dayMs) {
      const { settings, failures, untilMs } = record;
      ruledOut.set(settingsKey(settings), { settings, failures, untilMs });
    }
  }
  return { spent: [...spent.values()], scores: scores.slice(-most.scores), ruledOut: [...ruledOut.values()] };
}
