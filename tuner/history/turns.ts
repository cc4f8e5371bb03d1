/** How long a session waited for its turn to compare settings, and for whom. */
import type { RecordOf } from '../entries/entries.ts';

export interface TurnsWaited {
  /** Waits, the one that goes on included. */
  readonly waits: number;
  /** Of those that have ended, ms. */
  readonly waitedMs: number;
  /** Whom the newest wait was for last; null before the first. */
  readonly waitsFor: string | null;
  /** When the wait that goes on began, Unix ms; null where none does. */
  readonly sinceMs: number | null;
}

export const noWaits: TurnsWaited = { waits: 0, waitedMs: 0, waitsFor: null, sinceMs: null };

export function waitedWith(before: TurnsWaited, { waitsFor, atMs, waitedMs = 0 }: RecordOf<'turn'>): TurnsWaited {
  if (waitsFor === null) return { ...before, waitedMs: before.waitedMs + waitedMs, sinceMs: null };
  const begins = before.sinceMs === null;
  return {
    ...before,
    waits: before.waits + Number(begins),
    waitsFor,
    sinceMs: begins ? atMs - waitedMs : before.sinceMs,
  };
}

/** The same once the session goes on to something else: a wait that was going on is counted. */
export function waitedUntil(before: TurnsWaited, atMs: number): TurnsWaited {
  const { sinceMs, waitedMs } = before;
  return sinceMs === null ? before : { ...before, sinceMs: null, waitedMs: waitedMs + Math.max(0, atMs - sinceMs) };
}
