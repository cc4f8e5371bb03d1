/**
 * The lease of a session that tunes. A process that was stopped, or a machine that was held up, may come
 * back to find that another process tunes now: so the lease is asked for again before a setting other
 * than the anchor is put in force, unless it was renewed a moment ago.
 */
import { aborted } from '../../src/foundation/aborted.ts';
import { type Clock, systemClock, systemTimers, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { TunerLedger } from '../ledger.ts';
import { answerOf } from './foreign-calls.ts';

/** Other processes know no other time than the real one: by it a lease is held and watched, also in tests and worlds. */
export const leaseClock = systemClock;

/** Shorter than the time after which the store grants the lease of a silent holder to somebody else. */
const freshMs = 8000;
/** A machine on which each answer takes longer than that is given up on after so many. */
const mostTries = 3;

/** Between two questions whether the lease is held, of a ledger that does not answer. */
const pauseMs = 250;

/** Who hears that a lease is lost, or that this cannot be found out. */
export interface LeaseTold {
  readonly timers: Timers;
  readonly onLost: () => void;
  readonly onTrouble: (error: unknown) => void;
}

export class OwnLease {
  readonly #ledger: TunerLedger;
  readonly #wallClock: Clock;
  readonly #clock: Clock;
  /** When the last renewal that was granted was asked for. */
  #renewedMs: number;

  /** @param wallClock gives the time of day that others read */
  constructor(ledger: TunerLedger, wallClock: Clock, clock = leaseClock) {
    this.#ledger = ledger;
    this.#wallClock = wallClock;
    this.#clock = clock;
    this.#renewedMs = clock.now();
  }

  /** Resolves with false once somebody else holds it. @throws {StoreError} */
  async renew(): Promise<boolean> {
    const askedMs = this.#clock.now();
    const held = await this.#ledger.renew(wallMs(this.#wallClock));
    if (held) this.#renewedMs = askedMs;
    return held;
  }

  /**
   * Resolves with whether it is held still; with null when `signal` is aborted first, because a disk that hangs
   * must not keep a tuner from going back. O(1) for one that was renewed a moment ago. @throws {StoreError}
   */
  async confirm(signal: AbortSignal): Promise<boolean | null> {
    if (this.#isFresh()) return true;
    return Promise.race([this.#confirmed(), aborted(signal).then(() => null)]);
  }

  /**
   * The same for whoever goes on: false also where it cannot be found out, after a pause, so that the question
   * may be asked again.
   */
  async isHeld(signal: AbortSignal, { timers, onLost, onTrouble }: LeaseTold): Promise<boolean> {
    try {
      const held = await this.confirm(signal);
      if (held === false) onLost();
      return held === true;
    } catch (error) {
      onTrouble(error);
      await timers.sleep(pauseMs, { signal }).catch(() => undefined);
      return false;
    }
  }

  async #confirmed(): Promise<boolean> {
    for (let tries = 0; tries < mostTries && !this.#isFresh(); tries++) if (!(await this.renew())) return false;
    return true;
  }

  #isFresh(): boolean {
    return this.#clock.now() - this.#renewedMs < freshMs;
  }
}

/** Asks for the lease again, for a session that waits for it. @throws {StoreError} */
export async function isGranted(ledger: Pick<TunerLedger, 'claimLater'>, wallClock: Clock): Promise<boolean> {
  return (await ledger.claimLater(wallMs(wallClock), leaseClock.now())).granted;
}

/** Longest that a tuner which ends tries to give its lease back, and how long it waits between two tries. */
const leaving = { mostMs: 2000, pauseMs: 250 } as const;

/**
 * Leaves the lease to the next process that asks. A ledger that another process holds just now is asked again.
 * @returns why that could not be done in time, so that others wait until the lease has been silent for long
 *   enough; null when it was, or the lease is gone with its file
 */
export async function leaveLease(
  ledger: Pick<TunerLedger, 'release'>,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers } = { clock: leaseClock, timers: systemTimers },
): Promise<unknown> {
  const untilMs = clock.now() + leaving.mostMs;
  for (;;) {
    try {
      const limitMs = Math.max(1, untilMs - clock.now());
      await answerOf(ledger.release(), 'the disk', { timers, limitMs, keepAlive: true });
      return null;
    } catch (error) {
      if (error instanceof StoreError && !error.mayHeal) return null;
      if (clock.now() + leaving.pauseMs >= untilMs) return error;
      await timers.sleep(leaving.pauseMs, { keepAlive: true });
    }
  }
}
