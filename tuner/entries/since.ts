/** How long a session had run when an event came. */
import type { EventEntry, SessionEntry } from './entries.ts';

/** Milliseconds, as the session counted them; where it did not, as the Unix times have it. */
export function sinceMsOf(
  { sinceMs, event }: Pick<EventEntry, 'sinceMs' | 'event'>,
  { startedAtMs }: Pick<SessionEntry, 'startedAtMs'>,
): number {
  return sinceMs ?? event.atMs - startedAtMs;
}
