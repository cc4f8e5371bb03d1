/**
 * What every executor of ours has: a recorder, which is its own, and knobs that tell the recorder;
 * windows of it, totals, the way it is closed. How calls run is for those that extend it.
 */
import type { CallOptions, Executor, Knob, Load, OpenWindow, Window } from '../contracts.ts';
import type { Timers } from '../foundation/clock.ts';
import type { ResolvedSurroundings } from '../foundation/surroundings.ts';
import type { Gauges } from '../measure/gauges.ts';
import { Recorder, type SpanOptions, type Totals } from '../measure/recorder.ts';
import { windows } from '../measure/windows.ts';
import { createKnobs, type KnobParts, settingsOf } from './knob.ts';

export interface MeasuredExecutorOptions {
  readonly name: string;
  readonly load: Load | undefined;
  readonly spans: SpanOptions;
  readonly surroundings: ResolvedSurroundings;
  readonly gauges: Gauges;
  readonly knobs: readonly KnobParts[];
}

/** A measured executor with knobs. `await using` closes it. */
export abstract class MeasuredExecutor<I, O, C extends CallOptions = CallOptions>
  implements Executor<I, O>, AsyncDisposable
{
  readonly name: string;
  readonly load: Load | undefined;
  readonly knobs: readonly Knob[];
  readonly #recorder: Recorder;
  readonly #timers: Timers;
  #closed: Promise<void> | undefined;

  constructor({ name, load, spans, surroundings, gauges, knobs }: MeasuredExecutorOptions) {
    this.name = name;
    this.load = load;
    this.#timers = surroundings.timers;
    const recorder = new Recorder({ surroundings, gauges, settings: settingsOf(knobs), name, spans });
    recorder.belongsTo(this);
    this.#recorder = recorder;
    this.knobs = createKnobs(knobs, {
      closed: () => recorder.books.closed,
      changed: (settings) => recorder.changed(settings),
    });
  }

  /**
   * Resolves with the value. Rejects with what ran it threw, unchanged; with `signal.reason` when
   * cancelled; with a SandtuneError where the call was refused before it ran (ERR_SANDTUNE_CLOSED,
   * ERR_SANDTUNE_QUEUE_FULL, ERR_SANDTUNE_ARGUMENTS).
   */
  abstract run(input: I, call?: C): Promise<O>;

  /** No call comes in any more: resolves when nothing waits, nothing runs, and nothing is held. */
  protected abstract drain(): Promise<void>;

  openWindow(): OpenWindow {
    return this.#recorder.openWindow();
  }

  /**
   * A window about every `intervalMs`, without gaps, until the loop is left or `signal` aborted.
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION when `intervalMs` is not a finite number above 0
   */
  windows(intervalMs: number, { signal }: { readonly signal?: AbortSignal } = {}): AsyncIterable<Window> {
    return windows(this, intervalMs, { timers: this.#timers, ...(signal && { signal }) });
  }

  /** Calls since it was made: offered = the sum of outcomes + in flight. */
  totals(): Totals {
    return this.#recorder.totals();
  }

  /** Refuses new calls; resolves when those that were taken in have ended. A second call returns the same promise. */
  close(): Promise<void> {
    this.#recorder.close();
    // Later, since what is sent off may call close() itself: there is a promise to give it by then.
    this.#closed ??= Promise.resolve().then(() => this.drain());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
