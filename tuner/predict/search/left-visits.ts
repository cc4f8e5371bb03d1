/**
 * What the session before found goes on to count where the same load is met again, so that a restart does not begin a
 * search anew. It is less sure than what was found just now: the program may be another build. So the best of it is
 * visited once more before it gets a trial.
 *
 *   visits left, the load they were made under ─ first reference ─▶ taken over │ why not
 */
import type { Settings, Visit } from '../../../src/contracts.ts';
import { messageOf } from '../../../src/foundation/errors.ts';
import type { SessionEntry } from '../../entries/entries.ts';
import type { SearchLeft } from '../../entries/search-left.ts';
import { completeSettings, sameSettings } from '../../entries/settings.ts';
import { likeness } from '../../trial/load-signs.ts';
import { type LoadFacts, signsHere } from '../proven-under.ts';
import { deathsIn } from './deaths.ts';

/** Standard deviation (log) of a gain from one session to the next. */
const restartSd = 0.03;

export type TakenOver = { readonly visits: readonly Visit[] } | { readonly none: string };

/** @param facts with the first reference @param atMs Unix time */
export function takeOver(left: SearchLeft, facts: LoadFacts, atMs: number): TakenOver {
  const { visits, under } = left;
  const now = signsHere(facts, facts.reference.windows, atMs);
  if (under === null || now === null || likeness(under, now) === null)
    return { none: 'the session before met another load' };
  const settings = visits.flatMap((one) => [one.from, one.settings]);
  if (!settings.some((one) => sameSettings(one, facts.current)))
    return { none: 'the session before never saw the setting in force' };
  const refused = settings.map((one) => refusal(facts.session, one)).find((one) => one !== null);
  if (refused) return { none: refused };
  return { visits: visits.map((one) => ({ ...one, sd: Math.hypot(one.sd, restartSd), windows: 0 })) };
}

/** Under what the process ended, as far as the knobs there are can be set so: that counts under any load. */
export function deathsLeft({ session }: Pick<LoadFacts, 'session'>, visits: readonly Visit[]): readonly Visit[] {
  return deathsIn(visits).filter((one) => [one.from, one.settings].every((at) => refusal(session, at) === null));
}

/** The knobs, their domains and what is fixed may be others now. */
function refusal({ knobs, anchor, options }: SessionEntry, settings: Settings): string | null {
  try {
    completeSettings(knobs, anchor, settings, options.fixed);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
