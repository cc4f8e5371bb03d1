/**
 * How an executor closes: gently, until a bound somebody gave has passed, and then at once.
 *
 *   begun ─▶ no call waits or runs ─────────────────▶ what calls ran on is let go ─▶ closed
 *     └─ a bound has passed ─▶ every call is cut off ─▶ … is ended ───────────────────▶ closed
 */
import type { Timers } from '../foundation/clock.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { type CloseOptions, longestLimitMs } from '../foundation/limit-options.ts';
import { checkKeys, checkNumber, expected } from '../foundation/options.ts';
import { durationText } from '../foundation/units.ts';

/** What is closed. */
export interface Closable {
  readonly name: string;
  /** Resolves when no call waits or runs. */
  idle(): Promise<unknown>;
  /** Cancels every call that has not ended. @param withinMs the bound that has passed */
  cut(withinMs: number): void;
  /** Lets go what calls ran on. @param atOnce true when it may still be running work of calls that were cut off */
  release(atOnce: boolean): Promise<unknown>;
  /** Called at the end, however it came. */
  closed(): void;
}

/** What code of others gets to let go of its resources once a bound has passed, ms. */
const releaseMs = 1000;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function withinOf(options: CloseOptions | undefined): number | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null) throw expected('close()', '{ withinMs }', options);
  checkKeys('close()', options, ['withinMs']);
  const { withinMs } = options;
  return withinMs === undefined ? undefined : checkNumber('withinMs', withinMs, { min: 0, max: longestLimitMs });
}

export class Closing {
  /** Resolves when the executor is closed; rejects when what it ran on could not be let go. */
  readonly done: Promise<void>;
  readonly #timers: Timers;
  readonly #closable: Closable;
  #isCut = false;
  readonly #cut = Promise.withResolvers<void>();
  /** Aborted once the executor is closed: no bound matters any more. */
  readonly #over = new AbortController();

  constructor(timers: Timers, closable: Closable) {
    this.#timers = timers;
    this.#closable = closable;
    // In a microtask, so that a call that is sent meanwhile may itself close the executor.
    this.done = Promise.resolve()
      .then(() => this.#close())
      .finally(() => {
        this.#over.abort();
        closable.closed();
      });
  }

  /** From now on at most `withinMs` pass. */
  within(withinMs: number): void {
    const { signal } = this.#over;
    void this.#timers.sleep(withinMs, { keepAlive: true, signal }).then(
      () => {
        this.#isCut = true;
        this.#closable.cut(withinMs);
        this.#cut.resolve();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  async #close(): Promise<void> {
    const cut = this.#cut.promise;
    await Promise.race([this.#closable.idle(), cut]);
    if (!this.#isCut) await Promise.race([this.#closable.release(false), cut]);
    if (this.#isCut) await Promise.race([this.#closable.release(true), this.#tooLong()]);
  }

  async #tooLong(): Promise<never> {
    await this.#timers.sleep(releaseMs, { keepAlive: true, signal: this.#over.signal });
    const message = `${this.#closable.name}: expected what its calls ran on to be let go within ${durationText(releaseMs)} of the bound of close(), got no end of it`;
    throw new SandtuneError('ERR_SANDTUNE_CLOSED', message);
  }
}
