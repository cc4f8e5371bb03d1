/**
 * What probes and trials found, as the state has it and as the ledger does: each find is written down, and that all of
 * them are void, so that the next session goes on from there (../history/carried-search.ts).
 */
import type { Visit } from '../../src/contracts.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { signsHere } from '../predict/proven-under.ts';
import { deathsIn } from '../predict/search/deaths.ts';
import { owedMs } from '../predict/search/harm.ts';
import { deathsLeft, takeOver } from '../predict/search/left-visits.ts';
import { overTour } from '../predict/search/tour.ts';
import { withFound } from '../predict/search/visit.ts';
import type { State } from './state.ts';

/** What becomes of the state, and what is written down. */
interface Told {
  readonly change: Partial<Pick<State, 'visits' | 'left' | 'harmedMs' | 'tour'>>;
  readonly records: readonly TunerRecord[];
}

/** When: on the session's own clock, and Unix ms. */
interface Moment {
  readonly nowMs: number;
  readonly atMs: number;
}

/**
 * @param visit null: nothing could be compared
 * @param more.harmedMs time in which its probe was worth less than the setting in force
 * @param more.undoes what was found at its settings before counts no more
 */
export function found(
  state: State,
  { nowMs, atMs }: Moment,
  visit: Visit | null,
  { harmedMs = 0, undoes = false } = {},
): Told {
  const { visits, harmedMs: before, reference } = state;
  const harmed = before + harmedMs;
  const current = reference.windows[0]?.settings ?? state.current;
  return {
    change: { harmedMs: harmed, ...(visit && { visits: withFound(visits, visit, undoes) }) },
    records: [
      {
        kind: 'visit',
        visit,
        ...(undoes && { undoes }),
        under: signsHere({ ...state, current }, reference.windows, atMs),
        owedMs: owedMs(harmed, nowMs),
        atMs,
      },
    ],
  };
}

/** What was found says nothing any more, by this session and by the one before; but under what the process ended does. */
export function forgetVisits({ session, visits, left, tour }: State, { atMs }: Moment, reason: string): Told {
  const all = [...(left?.visits ?? []), ...visits];
  const deaths = deathsIn(all);
  const isAny = all.length > deaths.length || tour?.is === 'open';
  return {
    change: {
      visits: deathsLeft({ session }, deaths),
      left: null,
      ...(tour?.is === 'open' && { tour: overTour(tour) }),
    },
    records: isAny ? [{ kind: 'visits-void', atMs, reason }] : [],
  };
}

/** With the first reference: what the session before found goes on to count, or does not. */
export function takeOverVisits(state: State, moment: Moment): Told {
  const { left, mayChange } = state;
  if (left === null || !mayChange) return { change: {}, records: [] };
  const taken = left.visits.length > 0 ? takeOver(left, state, moment.atMs) : { visits: [] };
  return 'none' in taken
    ? forgetVisits(state, moment, taken.none)
    : { change: { visits: taken.visits, left: null }, records: [] };
}
