/**
 * Watches whether the ledger takes what is appended to it.
 *
 *   written ──trouble──▶ troubled, asked again and again ──for `patienceMs` in vain──▶ unwritable
 *      ▲                     │                                                             │
 *      └──────written────────┴─────────────────────────written─────────────────────────────┘
 *
 *   its file is missing or damaged ──▶ gone: that does not heal
 *   somebody else holds the lease  ──▶ lost
 *
 * How long a disk may take is the store's own affair, which knows real time: one that hangs was waited for
 * long enough when the store says so, and has recovered when the store says so, and not with the first
 * batch that it took: one that takes long each time would be unwritable and written again in turns.
 */
import { aborted } from '../../src/foundation/aborted.ts';
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import { isSandtuneError } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { TunerLedger } from '../ledger.ts';

/** How long a ledger may be troubled before anybody is told: a backup that copies it is soon over. */
const patienceMs = 3000;
const pauseMs = 250;

export interface LedgerWatchOptions {
  readonly ledger: TunerLedger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** False: it is nothing to this session that somebody else tunes. */
  readonly holdsLease: boolean;
  readonly onUnwritable: (error: unknown) => void;
  readonly onWritable: () => void;
  /** Once, and nothing comes after it. */
  readonly onGone: (error: StoreError) => void;
  readonly onLost: () => void;
}

export class LedgerWatch {
  readonly #options: LedgerWatchOptions;
  readonly #over = new AbortController();
  readonly #unsubscribe: () => void;
  /** Settles when the trouble that there is now is over, or nobody watches any more. */
  #recovering: Promise<void> | null = null;
  /** When somebody last began to wait for the disk. */
  #askedMs = Number.POSITIVE_INFINITY;

  constructor(options: LedgerWatchOptions) {
    this.#options = options;
    this.#unsubscribe = options.ledger.onTrouble((error) => this.trouble(error));
  }

  /**
   * Resolves with true once everything appended so far is on disk; with false when `signal` was aborted
   * first, or there is nothing more to wait for. Trouble is waited out.
   */
  async durable(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const over = AbortSignal.any([signal, this.#over.signal]);
    const noLonger = aborted(over);
    this.#askedMs = clock.now();
    while (!over.aborted) {
      try {
        // A disk that hangs must not keep the tuner from hearing that it is to go back.
        const written = await Promise.race([this.#written().then(() => true), noLonger]);
        return written === true;
      } catch (error) {
        this.trouble(error);
        await Promise.race([this.#recovering, noLonger]);
      }
    }
    return false;
  }

  /** Whoever meets an error of the ledger says so here. */
  trouble(error: unknown): void {
    if (this.#over.signal.aborted) return;
    if (isLost(error)) {
      this.end();
      this.#options.onLost();
    } else if (isGone(error)) {
      this.end();
      this.#options.onGone(error);
    } else this.#recovering ??= this.#recover(error);
  }

  end(): void {
    this.#unsubscribe();
    this.#over.abort();
  }

  /** A session that never held the lease, or holds it no more, has written all the same. */
  async #written(): Promise<void> {
    const { ledger, holdsLease } = this.#options;
    try {
      await ledger.durable();
    } catch (error) {
      if (holdsLease || !isLost(error)) throw error;
    }
  }

  /** What the store says of a disk that hung, and takes too long still. */
  #hung(): StoreError | null {
    const { trouble } = this.#options.ledger;
    return isHung(trouble) ? trouble : null;
  }

  async #recover(first: unknown): Promise<void> {
    const { clock, timers, onUnwritable, onWritable } = this.#options;
    const { signal } = this.#over;
    const sinceMs = Math.min(this.#askedMs, clock.now());
    let told = false;
    for (let error: unknown = first; error !== null && !signal.aborted; ) {
      if (!told && (isHung(error) || clock.now() - sinceMs >= patienceMs)) {
        told = true;
        onUnwritable(error);
      }
      await timers.sleep(pauseMs, { signal }).catch(() => undefined);
      error = await this.#written().then(
        () => this.#hung(),
        (again: unknown) => again,
      );
      if (isLost(error) || isGone(error)) this.trouble(error);
    }
    this.#recovering = null;
    this.#askedMs = Number.POSITIVE_INFINITY;
    if (told && !signal.aborted) onWritable();
  }
}

function isLost(error: unknown): boolean {
  return isSandtuneError(error) && error.code === 'ERR_SANDTUNE_LEASE';
}

function isHung(error: unknown): boolean {
  return error instanceof StoreError && error.trouble === 'hung';
}

function isGone(error: unknown): error is StoreError {
  return error instanceof StoreError && !error.mayHeal;
}
