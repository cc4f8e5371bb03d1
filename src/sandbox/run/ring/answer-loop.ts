/**
 * When the host looks at the rings: woken by the bell; after answers again by microtask, since what waited
 * for them often calls again, for a bounded number of times, then in the next turn of the event loop; where it is
 * told to spin, in each turn for so long before it sleeps; and each millisecond while calls are out, which keeps
 * the process alive for them. With nothing out it does nothing.
 */
import type { Clock, Timers } from '../../../foundation/clock.ts';
import { afterTurn, asMicrotask } from '../../../foundation/turns.ts';
import { Doorbell } from './doorbell.ts';

const tickMs = 1;
/** Looks by microtask, one after the other, before other work of this thread has its turn. */
const mostMicrotasks = 16;

export interface Rings {
  /** Reads the answers that are there. @returns true where there were any */
  read(): boolean;
  /** True where there is none to read. */
  isQuiet(): boolean;
  /** True while calls are out. */
  isBusy(): boolean;
  /** A millisecond has passed. */
  tick(): void;
}

export class AnswerLoop {
  readonly #rings: Rings;
  readonly #surroundings: { readonly clock: Clock; readonly timers: Timers };
  readonly #spinMs: () => number;
  readonly #bell = new Doorbell(() => this.#look());
  readonly #isQuiet = (): boolean => this.#rings.isQuiet();
  #isTicking = false;
  #isReading = false;
  #isLookSet = false;
  #isAsleep = false;
  #isClosed = false;
  #microtasks = 0;
  /** Since when it looks in vain; NaN where it does not. */
  #quietSinceMs = Number.NaN;

  /** @param spinMs how long to look, turn of the event loop after turn, before it sleeps; asked each time */
  constructor(rings: Rings, surroundings: { readonly clock: Clock; readonly timers: Timers }, spinMs: () => number) {
    this.#rings = rings;
    this.#surroundings = surroundings;
    this.#spinMs = spinMs;
  }

  /** What a worker rings with. */
  get bell(): SharedArrayBuffer {
    return this.#bell.shared;
  }

  /** True where it looks, or is about to before anything but the callbacks of promises has its turn. */
  get looksSoon(): boolean {
    return this.#isReading || this.#isLookSet;
  }

  /** A call has been sent: its answer is looked for. O(1), no allocation while others are out. */
  sent(): void {
    if (!this.#isTicking) void this.#tick();
    if (this.#isAsleep || this.#isLookSet || this.#isReading) return;
    this.#isLookSet = true;
    asMicrotask(this.#lookAgain);
  }

  close(): void {
    this.#isClosed = true;
    this.#bell.close();
  }

  #look(): void {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    this.#isAsleep = false;
    this.#bell.awake();
    const hadAnswers = this.#rings.read();
    this.#isReading = false;
    if (this.#rings.isBusy()) this.#next(hadAnswers);
  }

  #next(hadAnswers: boolean): void {
    if (this.#isLookSet) return;
    if (hadAnswers) this.#quietSinceMs = Number.NaN;
    const spins = !hadAnswers && this.#spins();
    if (!hadAnswers && !spins && this.#bell.sleep(this.#isQuiet)) {
      this.#isAsleep = true;
      this.#microtasks = 0;
      this.#quietSinceMs = Number.NaN;
      return;
    }
    this.#isLookSet = true;
    if (!spins && this.#microtasks++ < mostMicrotasks) {
      asMicrotask(this.#lookAgain);
    } else {
      this.#microtasks = 0;
      afterTurn(this.#lookAgain);
    }
  }

  /** True while it is not yet time to sleep. */
  #spins(): boolean {
    const spinMs = this.#spinMs();
    if (spinMs === 0) return false;
    const nowMs = this.#surroundings.clock.now();
    if (Number.isNaN(this.#quietSinceMs)) this.#quietSinceMs = nowMs;
    return nowMs - this.#quietSinceMs < spinMs;
  }

  readonly #lookAgain = (): void => {
    this.#isLookSet = false;
    this.#look();
  };

  async #tick(): Promise<void> {
    this.#isTicking = true;
    while (this.#rings.isBusy() && !this.#isClosed) {
      await this.#surroundings.timers.sleep(tickMs, { keepAlive: true });
      if (this.#isClosed) break;
      this.#rings.tick();
      this.#look();
    }
    this.#isTicking = false;
  }
}
