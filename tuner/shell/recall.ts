/**
 * What a session takes over from those before it: how much of the day's budget of false commits is
 * spent, which settings failed, how good the predictions were, what was proven under which load, what a search found and
 * owes. It goes into the session's entry, so that a replay needs no other session.
 */
import type { Recalled } from '../entries/entries.ts';
import { type Beginning, type CarriedItem, type CarryOver, metBy } from '../history.ts';
import { owedMs } from '../predict/search/harm.ts';
import { isOfToday } from '../trial/budget.ts';

const dayMs = 86_400_000;

/**
 * Of what was carried over that which still counts.
 * @param begins the session that takes it over. No time that is recalled lies beyond its start, whatever clock it was read from
 */
export function recall(left: CarryOver, begins: Beginning): Recalled {
  const carried = metBy(left, begins);
  const nowMs = begins.startedAtMs;
  const moment = (item: CarriedItem) => momentOf(item, carried, nowMs);
  const spent = carried.spent.map((one) => ({ atMs: moment(one), alpha: one.alpha }));
  const ruledOut = carried.ruledOut.map((one) => {
    const atMs = moment(one);
    // Each lasts as long as it was to, from the moment it began.
    const { settings, failures, left, stalled, harmedFrom } = one;
    const untilMs = atMs + one.untilMs - one.atMs;
    return {
      settings,
      failures,
      atMs,
      untilMs,
      ...(left && { left }),
      ...(stalled && { stalled }),
      ...(harmedFrom && { harmedFrom }),
    };
  });
  return {
    spent: spent.filter(({ atMs }) => isOfToday(atMs, nowMs)).sort((a, b) => a.atMs - b.atMs),
    scores: carried.scores.map(({ session, ...score }) => ({ ...score, atMs: moment({ atMs: score.atMs, session }) })),
    ruledOut: ruledOut.filter(({ untilMs }) => nowMs - untilMs < dayMs),
    known: carried.known,
    ...searchLeft(carried, nowMs),
  };
}

function searchLeft(carried: CarryOver, nowMs: number): Pick<Recalled, 'search'> {
  const { search } = carried;
  if (!search) return {};
  const agoMs = nowMs - momentOf(search, carried, nowMs);
  const visits = agoMs < dayMs ? search.visits : [];
  const owed = owedMs(search.owedMs, agoMs);
  const { under, tour } = search;
  const isAny = visits.length > 0 || owed > 0 || tour !== undefined;
  return isAny ? { search: { visits, under, owedMs: owed, ...(tour && { tour }) } } : {};
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
