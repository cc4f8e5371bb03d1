/**
 * One run of `sandtune tune`: load and tuner side by side until one of them, the clock or the user
 * ends it. Then, always in this order: the tuner stops on its anchor, the load stops, the executor
 * closes, the calls are counted.
 */
import type { OpenWindow } from '../../src/contracts.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import type { Tuner } from '../../tuner/tune.ts';
import type { TuneConfig } from './tune-config.ts';

export type RunEnding =
  | { readonly kind: 'settled' | 'time up' | 'load over' | 'interrupted' | 'off' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** How long a load and an executor may take to end before the command goes on without them. */
const maxWaitMs = { usual: 15_000, interrupted: 3000 } as const;
const longestMs = 2 ** 31 - 1;

export interface TuneRunParts {
  readonly tuner: Tuner;
  readonly config: TuneConfig;
  /** Resolves when the user wants an end. */
  readonly interrupted: Promise<void>;
  readonly say: (line: string) => void;
  /** False where a live view shows every remark by itself. */
  readonly saysRemarks: boolean;
}

export class TuneRun {
  readonly #tuner: Tuner;
  readonly #config: TuneConfig;
  readonly #interrupted: Promise<void>;
  readonly #say: (line: string) => void;
  readonly #saysRemarks: boolean;

  constructor({ tuner, config, interrupted, say, saysRemarks }: TuneRunParts) {
    this.#tuner = tuner;
    this.#config = config;
    this.#interrupted = interrupted;
    this.#say = say;
    this.#saysRemarks = saysRemarks;
  }

  /** @param seconds at most so long; null: until nothing is worth trying for now */
  async until(seconds: number | null): Promise<RunEnding> {
    if (this.#tuner.mode === 'off') return { kind: 'off' };
    const { executor, load } = this.#config;
    const stopLoad = new AbortController();
    using books = executor.openWindow();
    const loading = load ? begun(() => load((input, call) => executor.run(input, call), stopLoad.signal)) : null;
    const ending = await this.#firstOf(seconds, loading);
    const notStopped: unknown = await this.#tuner.stop().then(
      () => null,
      (error: unknown) => error,
    );
    stopLoad.abort(new SandtuneError('ERR_SANDTUNE_CANCELLED', 'sandtune tune has ended'));
    const waitMs = ending.kind === 'interrupted' ? maxWaitMs.interrupted : maxWaitMs.usual;
    const loadEnded = await this.#settles(loading, waitMs, 'the load');
    await this.#settles(executor.close(), waitMs, 'close() of the executor');
    this.#count(books);
    const error = notStopped ?? loadEnded;
    return ending.kind === 'failed' || error === null ? ending : { kind: 'failed', error };
  }

  async #firstOf(seconds: number | null, loading: Promise<void> | null): Promise<RunEnding> {
    const over = new AbortController();
    // The tuner's own timers do not keep the process alive; this one does.
    const clock = systemTimers.sleep(seconds === null ? longestMs : seconds * 1000, {
      signal: over.signal,
      keepAlive: true,
    });
    const failed = (error: unknown): RunEnding => ({ kind: 'failed', error });
    const endings: Promise<RunEnding>[] = [
      this.#interrupted.then(() => ({ kind: 'interrupted' })),
      clock.then((): RunEnding => ({ kind: 'time up' }), failed),
      this.#tuner.settled().then((): RunEnding => ({ kind: 'settled' }), failed),
    ];
    if (loading)
      endings.push(
        loading.then(
          (): RunEnding => ({ kind: 'load over' }),
          (error: unknown) => failed(loadError(error)),
        ),
      );
    try {
      return await Promise.race(endings);
    } finally {
      over.abort();
    }
  }

  /**
   * Waits for `ending`. Gives its error; null when it ended well, or took longer than `waitMs`, which
   * is then remarked.
   */
  async #settles(ending: Promise<void> | null, waitMs: number, what: string): Promise<unknown> {
    if (ending === null) return null;
    const over = new AbortController();
    try {
      return await Promise.race([
        ending.then(
          () => null,
          (error: unknown) => loadError(error),
        ),
        systemTimers.sleep(waitMs, { signal: over.signal, keepAlive: true }).then(() => {
          this.#notWaitedFor(`${what} did not end within ${waitMs / 1000} s`);
          return null;
        }),
      ]);
    } finally {
      over.abort();
    }
  }

  #count(books: OpenWindow): void {
    const { offered, outcomes, backlogAtStart, backlogAtEnd } = books.cut();
    this.#tuner.remark({ kind: 'accounting', offered: offered + backlogAtStart, outcomes, inFlight: backlogAtEnd });
  }

  #notWaitedFor(text: string): void {
    const title = 'not waited for';
    this.#tuner.remark({ kind: 'note', code: 'not-waited-for', title, text });
    if (this.#saysRemarks) this.#say(`${title}: ${text}`);
  }
}

/** Calls `load` so that one that throws at once rejects instead. */
async function begun(load: () => Promise<void>): Promise<void> {
  await load();
}

function loadError(error: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_INPUT', `the load failed: ${messageOf(error)}`, { cause: error });
}
