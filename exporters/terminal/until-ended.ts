/**
 * Who tunes from a ledger, and whether they have ended since they were switched off. Who tunes is read from
 * the leases; that a tuner has ended from the last record of its session, which comes before its process
 * ends, or from a lease that was released or whose holder is gone.
 */
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { type HeldLease, leaseMs } from '../../src/store/lease.ts';
import { openLedger } from '../../tuner/ledger.ts';
import { mayChange } from '../../tuner/options.ts';

export interface Tuning {
  readonly lease: HeldLease;
  /** `off anchor`: it has ended, but a knob would not return to its anchor. */
  readonly state: 'tuning' | 'ended' | 'off anchor' | 'gone';
}

export interface WaitOptions {
  readonly mostMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

const everyMs = 200;
/** Sessions looked through for the one that tunes: others only observe. */
const sessionsLookedAt = 50;

/** @param executor null: whatever is tuned from there */
export function tuningFrom(folder: string, executor: string | null): readonly Tuning[] {
  return leasesIn(folder)
    .filter(({ subject, lives }) => lives !== false && (executor ?? subject) === subject)
    .filter(({ subject }) => endingOf(folder, subject) === null)
    .map((lease) => ({ lease, state: 'tuning' }));
}

/** @returns what became of each, at the latest after `mostMs` */
export async function untilEnded(
  folder: string,
  tuning: readonly Tuning[],
  { mostMs, clock, timers }: WaitOptions,
): Promise<readonly Tuning[]> {
  const startMs = clock.now();
  let seen = tuning.map((one) => ({ ...one, sinceMs: startMs }));
  for (;;) {
    const leases = new Map(leasesIn(folder).map((lease) => [lease.subject, lease]));
    seen = seen.map((one) => {
      const { lease, state } = seenAgain(one, leases.get(one.lease.subject), folder, clock.now() - one.sinceMs);
      return { lease, state, sinceMs: lease.beat === one.lease.beat ? one.sinceMs : clock.now() };
    });
    const leftMs = startMs + mostMs - clock.now();
    if (leftMs <= 0 || seen.every((one) => one.state !== 'tuning')) return seen;
    await timers.sleep(Math.min(everyMs, leftMs), { keepAlive: true });
  }
}

/** @param stillMs how long its beat has stood still */
function seenAgain(before: Tuning, now: HeldLease | undefined, folder: string, stillMs: number): Tuning {
  const { lease } = before;
  if (before.state !== 'tuning') return before;
  const ending = endingOf(folder, lease.subject);
  if (ending) return { lease, state: ending };
  if (now?.fence !== lease.fence) return { lease, state: 'ended' };
  if (now.lives === false) return { lease, state: 'gone' };
  if (now.beat !== lease.beat) return { lease: now, state: 'tuning' };
  // A holder out of sight is known by its beat alone.
  return stillMs >= leaseMs ? { lease, state: 'gone' } : before;
}

function leasesIn(folder: string): readonly HeldLease[] {
  using ledger = openLedger({ stateDir: folder, executor: '*', readOnly: true });
  return ledger.leases();
}

/** How the newest session that tunes this executor has ended; null while it goes on. */
function endingOf(folder: string, executor: string): 'ended' | 'off anchor' | null {
  using ledger = openLedger({ stateDir: folder, executor, readOnly: true });
  let session: number | null = null;
  for (const entry of ledger.history(['session'], sessionsLookedAt))
    if (entry.kind === 'session' && mayChange(entry.options.mode)) ({ session } = entry);
  let ending: 'ended' | 'off anchor' | null = null;
  for (const entry of ledger.history(['record:phase'], sessionsLookedAt)) {
    if (entry.kind !== 'record' || entry.session !== session || entry.record.kind !== 'phase') continue;
    if (entry.record.phase === 'ended') ending = entry.record.onAnchor ? 'ended' : 'off anchor';
  }
  return ending;
}
