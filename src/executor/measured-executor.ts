/**
 * What all executors here have in common: a recorder of their own, knobs that tell it when they move,
 * windows, totals, and the order in which they close. How calls run is left to the classes that extend
 * this one.
 */
import type { CallOptions, Executor, Knob, Load, OpenWindow, Window } from '../contracts.ts';
import type { Timers } from '../foundation/clock.ts';
import type { ResolvedSurroundings } from '../foundation/surroundings.ts';
import type { Gauges } from '../measure/gauges.ts';
import { Recorder, type SpanOptions, type Totals } from '../measure/recorder.ts';
import { windows } from '../measure/windows.ts';
import { createKnobs, type KnobParts, settingsOf } from './knob.ts';
import { releaseName } from './names.ts';

export interface MeasuredExecutorOptions {
  readonly name: string;
  readonly load: Load | undefined;
  readonly spans: SpanOptions;
  readonly surroundings: ResolvedSurroundings;
  readonly gauges: Gauges;
  readonly knobs: readonly KnobParts[];
  /** Knobs that cannot be offered, each with the reason. @defaultValue none */
  readonly withheld?: Readonly<Record<string, string>>;
}

/** A measured executor with knobs. `await using` closes it. */
export abstract class MeasuredExecutor<I, O, C extends CallOptions = CallOptions>
  implements Executor<I, O>, AsyncDisposable
{
  readonly name: string;
  readonly load: Load | undefined;
  readonly knobs: readonly Knob[];
  readonly #withheld: Readonly<Record<string, string>>;
  readonly #recorder: Recorder;
  readonly #timers: Timers;
  #closed: Promise<void> | undefined;

  constructor({ name, load, spans, surroundings, gauges, knobs, withheld = {} }: MeasuredExecutorOptions) {
    this.name = name;
    this.load = load;
    this.#withheld = Object.freeze({ ...withheld });
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
   * Resolves with the value of the call. Rejects with the error that its code threw, unchanged; with
   * `signal.reason` when it was cancelled; with a SandtuneError when it was refused before it ran
   * (ERR_SANDTUNE_CLOSED, ERR_SANDTUNE_QUEUE_FULL, ERR_SANDTUNE_ARGUMENTS).
   */
  abstract run(input: I, call?: C): Promise<O>;

  /** Called once new calls are refused. Resolves when no call waits or runs and every resource is released. */
  protected abstract drain(): Promise<void>;

  /** Knobs that executors of this kind have and this one has not, each with the reason. */
  get withheld(): Readonly<Record<string, string>> {
    return this.#withheld;
  }

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

  /** All calls since the executor was made: offered = the sum of outcomes + in flight. */
  totals(): Totals {
    return this.#recorder.totals();
  }

  /** Refuses new calls; resolves when those that were taken in have ended. A second call returns the same promise. */
  close(): Promise<void> {
    this.#recorder.close();
    // drain() runs in a microtask: a call that it sends may itself call close(), which then has this promise to return.
    this.#closed ??= Promise.resolve()
      .then(() => this.drain())
      .finally(() => releaseName(this.name, this));
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
