/**
 * What a running tuner owes its ledger: the lease renewed, the off switch read, old windows dropped.
 * It touches the disk, so it prefers the moments between two windows (`keep`); when these stay away,
 * in a long window or while an answer is awaited, it comes by itself.
 */
import { type Clock, type Timers, wallMs } from '../src/foundation/clock.ts';
import type { TunerLedger } from './ledger.ts';

const everyMs = 3000;
/** By itself, when nobody called for so long. */
const lateMs = 2 * everyMs;
const pruneEveryMs = 3_600_000;

export interface Duties {
  /** Somebody else decides from now on. */
  readonly end: (why: string) => void;
  /** This session tunes, so the lease must stay its own. */
  readonly needsLease: boolean;
  readonly mayPrune: () => boolean;
}

export class Housekeeping {
  readonly #ledger: TunerLedger;
  readonly #owner: string;
  readonly #clock: Clock;
  readonly #duties: Duties;
  readonly #over = new AbortController();
  #keptMs: number;
  #prunedMs = -Infinity;

  constructor(ledger: TunerLedger, owner: string, clock: Clock, timers: Timers, duties: Duties) {
    this.#ledger = ledger;
    this.#owner = owner;
    this.#clock = clock;
    this.#duties = duties;
    this.#keptMs = clock.now();
    void this.#come(timers);
  }

  /** Between two windows: does what is due. */
  keep(): void {
    if (this.#clock.now() - this.#keptMs >= everyMs) this.#do();
  }

  stop(): void {
    this.#over.abort();
  }

  async #come(timers: Timers): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await timers.sleep(everyMs, { signal }).catch(() => undefined);
      if (!signal.aborted && this.#clock.now() - this.#keptMs >= lateMs) this.#do();
    }
  }

  /** A ledger that cannot be read or written ends the session by its next entry; it must not end the process here. */
  #do(): void {
    const nowMs = wallMs(this.#clock);
    this.#keptMs = this.#clock.now();
    try {
      if (this.#ledger.isOff()) return this.#duties.end('switched off in the ledger');
      const lease = !this.#duties.needsLease || this.#ledger.lease(this.#owner, nowMs);
      if (lease !== true) return this.#duties.end(`another process (${lease.owner}) holds the lease`);
      if (nowMs - this.#prunedMs < pruneEveryMs || !this.#duties.mayPrune()) return;
      this.#prunedMs = nowMs;
      this.#ledger.prune(nowMs);
    } catch (error) {
      this.#duties.end(`the ledger could not be kept: ${String(error)}`);
    }
  }
}
