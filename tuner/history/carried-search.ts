/**
 * What a search leaves to the sessions that follow, as a fold over records: what its visits found, and the harm that it
 * owes. Visits to settings are gains in one goal, under one load: another goal ends them here, another load where the
 * next session has seen its own (../predict/search/left-visits.ts).
 *
 *   probe ─ its visit, or a phase that ended it ─▶ nothing is open
 *     └──── the process ended first ─▶ the worst find there is, whatever the load, charged as such; the setting is ruled
 *                                      out for a while, and the session that follows makes no tour
 *
 * A process that ends inside a trial leaves no such find: its candidate was looked at before without harm, and trials take
 * minutes, in which a service is restarted for other reasons. There the setting is only ruled out (carry-over.ts).
 */
import type { Settings, Visit } from '../../src/contracts.ts';
import { isNumber, isText, objectOf, orNull } from '../../src/foundation/shape.ts';
import type { RecordOf, SessionEntry } from '../entries/entries.ts';
import type { SearchLeft } from '../entries/search-left.ts';
import { settingsShape } from '../entries/settings-shape.ts';
import { searchLeftFields } from '../entries/visit-shape.ts';
import { deathsIn } from '../predict/search/deaths.ts';
import { mostProbeWindows } from '../predict/search/harm.ts';
import { overTour } from '../predict/search/tour.ts';
import { nothingLeft, withFound } from '../predict/search/visit.ts';

export interface CarriedSearch extends SearchLeft {
  /** When `owedMs` was so much: Unix ms, by the clock of `session`. */
  readonly atMs: number;
  /** Of how many sessions it was the last. */
  readonly session: number;
  /** The goal of the visits, as text. */
  readonly goal: string;
  /** The setting of a probe that has begun and not ended. */
  readonly probe: Settings | null;
}

/** Visits that are kept for the next session: the cell that holds them is written anew with each. */
const mostLeft = 80;

/** Of service that a death of the process is taken to cost: half of what a session may harm before its share of time. */
const deathMs = 6000;

/** As a session that begins meets it. */
export function searchMet(
  before: CarriedSearch | undefined,
  { goal: asked, startedAtMs, options, anchor }: Pick<SessionEntry, 'goal' | 'startedAtMs' | 'options' | 'anchor'>,
  session: number,
): CarriedSearch {
  const goal = JSON.stringify(asked);
  if (!before) return { visits: [], under: null, owedMs: 0, atMs: startedAtMs, session, goal, probe: null };
  const isOfGoal = before.goal === goal;
  const found = isOfGoal ? {} : { visits: [], under: null };
  if (before.probe === null) {
    const { tour, ...others } = before;
    return { ...others, ...found, goal, ...(tour && { tour: isOfGoal && tour.is === 'open' ? tour : overTour(tour) }) };
  }
  const owedMs = before.owedMs + Math.max(deathMs, mostProbeWindows * options.windowMs);
  const kept = { ...before, ...found };
  // The worst there is to find: the search keeps away from what is like it, too.
  const death = { settings: before.probe, from: anchor, gain: nothingLeft, sd: 0.1, windows: 1, died: true } as const;
  const visits = bounded(withFound(kept.visits, death));
  const tour = { beganAtMs: startedAtMs, is: 'barred' } as const;
  return { ...kept, visits, goal, owedMs, atMs: startedAtMs, session, probe: null, tour };
}

export function searchAfterVisit(
  before: CarriedSearch,
  { visit, undoes, under, owedMs, atMs }: RecordOf<'visit'>,
  session: number,
): CarriedSearch {
  const visits = visit === null ? before.visits : bounded(withFound(before.visits, visit, undoes));
  return { ...before, visits, ...(visit && { under }), owedMs, atMs, session, probe: null };
}

/** What was found says nothing any more, but under what the process ended does. */
export function searchAfterVoid(before: CarriedSearch): CarriedSearch {
  const { tour, ...others } = before;
  return { ...others, visits: deathsIn(before.visits), under: null, ...(tour && { tour: overTour(tour) }) };
}

/** The newest, and all under which the process ended, as far as there is room. */
function bounded(visits: readonly Visit[]): readonly Visit[] {
  const deaths = deathsIn(visits).slice(-mostLeft / 2);
  const newest = visits.filter((one) => !deaths.includes(one)).slice(deaths.length - mostLeft);
  return visits.filter((one) => deaths.includes(one) || newest.includes(one));
}

export const carriedSearchShape = objectOf<CarriedSearch>({
  ...searchLeftFields,
  atMs: isNumber,
  session: isNumber,
  goal: isText,
  probe: orNull(settingsShape),
});
