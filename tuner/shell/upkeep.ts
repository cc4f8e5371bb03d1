/**
 * What a session does for its ledger every few seconds: it renews its lease, or asks for what it waits
 * for, reads the off switch, and drops old windows. The writer's thread does all of it. Upkeep runs between
 * two windows (`betweenWindows`); in a long window, or while an answer is awaited, it runs by itself. Of a
 * large ledger dropping takes minutes: the lease is renewed and the switch is read meanwhile.
 */
import { type Clock, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { TunerLedger } from '../ledger.ts';
import type { Announcer } from './announcer.ts';
import type { OwnLease } from './own-lease.ts';

const everyMs = 3000;
/** After this time without a call of `betweenWindows`, upkeep runs by itself. */
const overdueMs = 2 * everyMs;
const pruneEveryMs = 3_600_000;

export interface UpkeepOptions {
  readonly ledger: TunerLedger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly announcer: Announcer;
  /** What this session tunes under; null when it changes nothing. */
  readonly lease: OwnLease | null;
  /** Asks for what would let another session tune: resolves with true once it has come. null: nothing is awaited. */
  readonly seek: (() => Promise<boolean>) | null;
  /** True while no windows are compared, so that work that takes longer disturbs nothing; asked before each step of it. */
  readonly mayPrune: () => boolean;
  readonly onOff: () => void;
  readonly onLost: () => void;
  readonly onFound: () => void;
  readonly onTrouble: (error: StoreError) => void;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #over = new AbortController();
  #lastMs: number;
  #lastPruneMs = -Infinity;
  #busy = false;
  #isPruning = false;

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

  /** Tells what ends the session, and asks for nothing more. */
  #end(tell: () => void): void {
    this.stop();
    tell();
  }

  async #do(): Promise<void> {
    const { ledger, clock, lease, seek, onOff, onLost, onFound } = this.#options;
    // A writer that is slow to answer is not asked again meanwhile.
    if (this.#busy || this.#over.signal.aborted) return;
    this.#busy = true;
    this.#lastMs = clock.now();
    try {
      if ((await ledger.state()).off) return this.#end(onOff);
      if (lease !== null && !(await lease.renew())) return this.#end(onLost);
      // What was found is told in any case: a lease that was granted too late must be given back.
      if (seek !== null && (await seek())) return this.#end(onFound);
      if (!this.#over.signal.aborted) void this.#prune();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }

  async #prune(): Promise<void> {
    const { ledger, clock, mayPrune } = this.#options;
    if (this.#isPruning || this.#lastMs - this.#lastPruneMs < pruneEveryMs || !mayPrune()) return;
    this.#isPruning = true;
    this.#lastPruneMs = this.#lastMs;
    try {
      await ledger.prune(wallMs(clock), { signal: this.#over.signal, mayGoOn: mayPrune });
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isPruning = false;
    }
  }

  #failed(error: unknown): void {
    const { announcer, onTrouble } = this.#options;
    if (error instanceof StoreError) onTrouble(error);
    else announcer.once('SANDTUNE_LEDGER', `the ledger is not kept up: ${messageOf(error)}`);
  }
}
