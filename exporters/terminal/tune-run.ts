/**
 * One run of `sandtune tune`: load and tuner side by side until one of them, the clock or the user
 * ends it. Then, always in this order: the tuner stops on its anchor, the load stops, the executor
 * closes, the calls are counted. Once the user wants an end, none of these is waited for long.
 */
import type { OpenWindow } from '../../src/contracts.ts';
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { durationText } from '../../src/foundation/units.ts';
import type { TuneConfig } from '../../tuner/config.ts';
import type { Tuner } from '../../tuner/tune.ts';
import type { Interruption } from './interruption.ts';
import { yieldingRun } from './yielding-run.ts';

export type RunEnding =
  | { readonly kind: 'settled' | 'time up' | 'load over' | 'off' }
  /** `stopped`: the settings are back on the anchor. */
  | { readonly kind: 'interrupted'; readonly by: string; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly error: unknown };

/** How long a load and an executor may take to end before the command goes on without them. */
const maxWaitMs = 15_000;
const longestMs = 2 ** 31 - 1;

export interface TuneRunParts {
  readonly tuner: Tuner;
  readonly config: TuneConfig;
  readonly interruption: Pick<Interruption, 'first' | 'settleBy'>;
  readonly say: (line: string) => void;
  /** False where a live view shows every remark by itself. */
  readonly saysRemarks: boolean;
}

/** What became of something that was waited for. */
type Waited = 'ended' | 'late' | { readonly error: unknown };

export class TuneRun {
  readonly #tuner: Tuner;
  readonly #config: TuneConfig;
  readonly #interruption: TuneRunParts['interruption'];
  readonly #say: (line: string) => void;
  readonly #saysRemarks: boolean;

  constructor({ tuner, config, interruption, say, saysRemarks }: TuneRunParts) {
    this.#tuner = tuner;
    this.#config = config;
    this.#interruption = interruption;
    this.#say = say;
    this.#saysRemarks = saysRemarks;
  }

  /** @param seconds at most so long; null: until nothing is worth trying for now */
  async until(seconds: number | null): Promise<RunEnding> {
    if (this.#tuner.mode === 'off') return { kind: 'off' };
    const { executor, load } = this.#config;
    const stopLoad = new AbortController();
    using books = executor.openWindow();
    const run: typeof executor.run = yieldingRun((input, call) => executor.run(input, call), systemClock, systemTimers);
    const loading = load ? begun(() => load(run, stopLoad.signal)) : null;
    const ending = await this.#firstOf(seconds, loading);
    const stopping = this.#tuner.stop(ending.kind === 'interrupted' ? { interruptedBy: ending.by } : {});
    const stopped = await this.#waitFor(stopping, 'the way back to the anchor', longestMs);
    stopLoad.abort(new SandtuneError('ERR_SANDTUNE_CANCELLED', 'sandtune tune has ended'));
    const loadEnded = await this.#waitFor(loading, 'the load', maxWaitMs);
    await this.#waitFor(executor.close(), 'close() of the executor', maxWaitMs);
    this.#count(books);
    if (ending.kind === 'failed') return ending;
    if (typeof stopped === 'object') return { kind: 'failed', error: stopped.error };
    if (typeof loadEnded === 'object') return { kind: 'failed', error: loadError(loadEnded.error) };
    return ending.kind === 'interrupted' ? { ...ending, stopped: stopped === 'ended' } : ending;
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
      this.#interruption.first.then((by) => ({ kind: 'interrupted', by, stopped: false })),
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

  /** Waits for `work`, at most so long, and not at all for long once the user wants an end; what is late is remarked. */
  async #waitFor(work: Promise<void> | null, what: string, mostMs: number): Promise<Waited> {
    if (work === null) return 'ended';
    const over = new AbortController();
    const { settleBy } = this.#interruption;
    const patience = systemTimers.sleep(mostMs, { signal: AbortSignal.any([over.signal, settleBy]), keepAlive: true });
    const late = patience.catch(() => undefined).then((): Waited => 'late');
    const ended = work.then(
      (): Waited => 'ended',
      (error: unknown): Waited => ({ error }),
    );
    try {
      // What has ended has ended, however late it is looked at.
      const waited = await Promise.race([ended, late]);
      if (waited === 'late')
        this.#notWaitedFor(
          settleBy.aborted ? `${what} took too long` : `${what} did not end within ${durationText(mostMs)}`,
        );
      return waited;
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
