/**
 * Who acts for a subject: one holder at a time, each grant with a higher fencing number than the one
 * before, so that a holder that was stopped and has come back finds out at its next batch.
 *
 * A lease is free when nobody holds it, or its holder is known to be gone. A holder that cannot be
 * seen from here (another machine or container) or that seems alive is judged by its beat: when the
 * count has stood still for `leaseMs` by the clock of the watching process, it has left. No two clocks are
 * compared for that, so a clock that is set changes nothing. The watcher must have looked all the
 * while: what stopped it may have stopped the holder too, which then has no less time than before.
 */
import type { DatabaseSync } from 'node:sqlite';
import { identityIn, isGone, isInSight, type ProcessIdentity, processText, thisProcess } from './process-identity.ts';
import type { Fence } from './row.ts';
import { transaction } from './schema.ts';

/** A holder renews several times within it. */
export const leaseMs = 15_000;
/** A process that has not looked for longer than this begins to watch anew. Upkeep looks every 3 to 9 s. */
const longestBlinkMs = 10_000;

/** What a lease's row said, and when this was first seen on the watcher's own clock. */
export interface Sighting {
  readonly fence: number;
  readonly beat: number;
  readonly sinceMs: number;
  /** The last look, on the same clock. */
  readonly lookedMs: number;
}

export interface Claim {
  readonly subject: string;
  /** Random: tells two holders of one process apart. */
  readonly owner: string;
  /** Unix time. */
  readonly wallMs: number;
  /** On a clock that only goes forward. */
  readonly nowMs: number;
  /** What was seen at the last claim that was refused. */
  readonly seen: Sighting | null;
}

export type Granted =
  | { readonly granted: true; readonly fence: Fence }
  /** `holder`: 'process 123 on build-7'. */
  | { readonly granted: false; readonly holder: string; readonly sighting: Sighting };

interface LeaseRow {
  readonly owner: string | null;
  readonly holder: ProcessIdentity | null;
  readonly fence: number;
  readonly beat: number;
}

export function claimLease(database: DatabaseSync, claim: Claim): Granted {
  return transaction(database, () => {
    const { subject, owner, wallMs, nowMs } = claim;
    const row = leaseRow(database, subject);
    // A grant whose answer came too late to be heard is asked for again.
    if (row && row.owner !== null && row.owner !== owner && !(row.holder && isGone(row.holder))) {
      const sinceMs = stillSince(row, claim);
      if (nowMs - sinceMs < leaseMs) {
        const sighting = { fence: row.fence, beat: row.beat, sinceMs, lookedMs: nowMs };
        return { granted: false, holder: holderText(row.holder), sighting };
      }
    }
    const number = (row?.fence ?? 0) + 1;
    database
      .prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, 1, ?)')
      .run(subject, owner, JSON.stringify(thisProcess()), number, wallMs);
    return { granted: true, fence: { subject, number } };
  });
}

/** Since when the beat has been watched standing still. */
function stillSince({ fence, beat }: LeaseRow, { nowMs, seen }: Claim): number {
  const isSame = seen?.fence === fence && seen.beat === beat;
  return isSame && nowMs - seen.lookedMs <= longestBlinkMs ? seen.sinceMs : nowMs;
}

/** Who holds a lease, at one look. */
export interface HolderLook extends Pick<Sighting, 'fence' | 'beat'> {
  /** Whether it lives; null where it cannot be seen from here. */
  readonly lives: boolean | null;
}

/** null when nobody holds it. */
export function lookAtHolder(database: DatabaseSync, subject: string): HolderLook | null {
  const row = leaseRow(database, subject);
  if (!row || row.owner === null) return null;
  const { fence, beat, holder } = row;
  return { fence, beat, lives: holder && isInSight(holder) ? !isGone(holder) : null };
}

/** Returns false when the lease was granted to another holder meanwhile. */
export function renewLease(database: DatabaseSync, { subject, number }: Fence, wallMs: number): boolean {
  const { changes } = database
    .prepare('UPDATE leases SET beat = beat + 1, renewed_ms = ? WHERE subject = ? AND fence = ? AND owner IS NOT NULL')
    .run(wallMs, subject, number);
  return Number(changes) === 1;
}

/** The row stays, so that the next grant has a higher number. */
export function releaseLease(database: DatabaseSync, { subject, number }: Fence): void {
  database.prepare('UPDATE leases SET owner = NULL WHERE subject = ? AND fence = ?').run(subject, number);
}

/** A lease that somebody holds. */
export interface HeldLease {
  readonly subject: string;
  /** 'process 123 on build-7'. */
  readonly holder: string;
  /** Whether the holder lives; null where it cannot be seen from here. */
  readonly lives: boolean | null;
  readonly fence: number;
  /** Goes up while the holder lives. */
  readonly beat: number;
}

export function heldLeases(database: DatabaseSync): readonly HeldLease[] {
  const subjects = database.prepare('SELECT subject FROM leases ORDER BY subject').all();
  return subjects.flatMap((row): readonly HeldLease[] => {
    const subject = String(row['subject']);
    const look = lookAtHolder(database, subject);
    return look ? [{ subject, ...look, holder: holderText(leaseRow(database, subject)?.holder ?? null) }] : [];
  });
}

function holderText(holder: ProcessIdentity | null): string {
  return holder ? processText(holder) : 'somebody';
}

function leaseRow(database: DatabaseSync, subject: string): LeaseRow | null {
  const row = database.prepare('SELECT * FROM leases WHERE subject = ?').get(subject);
  if (!row) return null;
  return {
    owner: row['owner'] === null ? null : String(row['owner']),
    holder: identityIn(row['holder']),
    fence: Number(row['fence']) || 0,
    beat: Number(row['beat']) || 0,
  };
}
