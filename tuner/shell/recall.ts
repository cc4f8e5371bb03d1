/**
 * What a session takes over from those before it: how much of the day's budget of false commits is
 * spent, which settings failed, how good the predictions were, what was proven under which load. It goes into the session's entry, so that
 * a replay needs no other session.
 */
import type { Recalled } from '../entries/entries.ts';
import type { CarriedItem, CarryOver } from '../history.ts';
import { isOfToday } from '../trial/budget.ts';

const dayMs = 86_400_000;

/**
 * Of what was carried over that which still counts.
 * @param nowMs Unix time. No time that is recalled lies beyond it, whatever clock it was read from
 */
export function recall(carried: CarryOver, nowMs: number): Recalled {
  const moment = (item: CarriedItem) => momentOf(item, carried, nowMs);
  const spent = carried.spent.map((one) => ({ atMs: moment(one), alpha: one.alpha }));
  const ruledOut = carried.ruledOut.map((one) => {
    const atMs = moment(one);
    // Each lasts as long as it was to, from the moment it began.
    const { settings, failures, left, stalled } = one;
    const untilMs = atMs + one.untilMs - one.atMs;
    return { settings, failures, atMs, untilMs, ...(left && { left }), ...(stalled && { stalled }) };
  });
  return {
    spent: spent.filter(({ atMs }) => isOfToday(atMs, nowMs)).sort((a, b) => a.atMs - b.atMs),
    scores: carried.scores.map(({ session, ...score }) => ({ ...score, atMs: moment({ atMs: score.atMs, session }) })),
    ruledOut: ruledOut.filter(({ untilMs }) => nowMs - untilMs < dayMs),
    known: carried.known,
  };
}

/**
 * When something really was that a session wrote down at `atMs`. A time ahead of now was read from a clock
 * that has been set back since: then all that is known is that it was before the sessions that came later.
 */
function momentOf({ atMs, session }: CarriedItem, { sessions, starts }: CarryOver, nowMs: number): number {
  if (atMs <= nowMs) return atMs;
  const later = sessions > session ? starts.slice(session - sessions) : [];
  return Math.min(nowMs, ...later.filter((startMs) => startMs <= nowMs));
}
