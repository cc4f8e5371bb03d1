/**
 * The upkeep of the ledger while a tuner runs: every few seconds it renews the lease, reads the off
 * switch, and drops old windows. The writer's thread does all of it. Upkeep runs between two windows
 * (`betweenWindows`); in a long window, or while an answer is awaited, it runs by itself.
 */
import { type Clock, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { TunerLedger } from '../ledger.ts';
import { warn } from './warn.ts';

const everyMs = 3000;
/** After this time without a call of `betweenWindows`, upkeep runs by itself. */
const overdueMs = 2 * everyMs;
const pruneEveryMs = 3_600_000;

export interface UpkeepOptions {
  readonly ledger: TunerLedger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** This session tunes, so the lease must stay its own. */
  readonly holdsLease: boolean;
  /** True while no windows are compared, so that work that takes longer disturbs nothing. */
  readonly mayPrune: () => boolean;
  /** Ends the session, because the off switch was set or the lease was lost. */
  readonly end: (reason: string) => void;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #over = new AbortController();
  #lastMs: number;
  #lastPruneMs = -Infinity;
  #busy = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#lastMs = options.clock.now();
    void this.#runWhenOverdue();
  }

  /** Does the upkeep if it is due. */
  betweenWindows(): void {
    if (this.#options.clock.now() - this.#lastMs >= everyMs) void this.#do();
  }

  stop(): void {
    this.#over.abort();
  }

  async #runWhenOverdue(): Promise<void> {
    const { clock, timers } = this.#options;
    const { signal } = this.#over;
    while (!signal.aborted) {
      await timers.sleep(everyMs, { signal }).catch(() => undefined);
      if (!signal.aborted && clock.now() - this.#lastMs >= overdueMs) void this.#do();
    }
  }

  async #do(): Promise<void> {
    const { ledger, clock, holdsLease, mayPrune, end } = this.#options;
    // A writer that is slow to answer is not asked again meanwhile.
    if (this.#busy) return;
    this.#busy = true;
    this.#lastMs = clock.now();
    try {
      if ((await ledger.state()).off && !this.#over.signal.aborted) return end('switched off in the ledger');
      if (holdsLease && !(await ledger.renew(wallMs(clock))) && !this.#over.signal.aborted)
        return end('another process has taken over the lease');
      if (this.#lastMs - this.#lastPruneMs < pruneEveryMs || !mayPrune()) return;
      this.#lastPruneMs = this.#lastMs;
      await ledger.prune(wallMs(clock));
    } catch (error) {
      // A ledger that cannot be kept now is kept later: an intent that it cannot take ends the session.
      if (!(error instanceof StoreError)) warn('SANDTUNE_LEDGER', `the ledger is not kept up: ${messageOf(error)}`);
    } finally {
      this.#busy = false;
    }
  }
}
