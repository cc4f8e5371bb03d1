/**
 * What all executors here have in common: a recorder of their own, knobs that tell it when they move,
 * windows, totals, and the order in which they close. How calls run is left to the classes that extend
 * this one.
 */
import type { CallOptions, Executor, Knob, Load, OpenWindow, Window } from '../contracts.ts';
import { clearedError, cutError } from '../foundation/call-errors.ts';
import type { Timers } from '../foundation/clock.ts';
import { checkSignal } from '../foundation/foreign-values.ts';
import type { CloseOptions } from '../foundation/limit-options.ts';
import { checkKeys } from '../foundation/options.ts';
import type { ResolvedSurroundings } from '../foundation/surroundings.ts';
import type { Call } from '../measure/call.ts';
import type { Gauges } from '../measure/gauges.ts';
import { Recorder, type SpanOptions, type Totals } from '../measure/recorder.ts';
import { windows } from '../measure/windows.ts';
import type { Backlog } from './backlog.ts';
import { Closing, withinOf } from './closing.ts';
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
  readonly backlog: Backlog;
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
  readonly #backlog: Backlog;
  #closing: Closing | undefined;

  constructor({ name, load, spans, surroundings, gauges, knobs, withheld = {}, backlog }: MeasuredExecutorOptions) {
    this.name = name;
    this.load = load;
    this.#withheld = Object.freeze({ ...withheld });
    this.#timers = surroundings.timers;
    const recorder = new Recorder({ surroundings, gauges, settings: settingsOf(knobs), name, spans });
    recorder.belongsTo(this);
    this.#recorder = recorder;
    this.#backlog = backlog;
    this.knobs = createKnobs(knobs, {
      closed: () => recorder.isOver,
      changed: (settings) => recorder.changed(settings),
    });
  }

  /**
   * Resolves with the value of the call. Rejects with the error that its code threw, unchanged; with
   * `signal.reason` when it was cancelled; with a SandtuneError when it was refused before it ran
   * (ERR_SANDTUNE_CLOSED, ERR_SANDTUNE_QUEUE_FULL, ERR_SANDTUNE_ARGUMENTS).
   */
  abstract run(input: I, call?: C): Promise<O>;

  /** Called once new calls are refused. Resolves when no call waits or runs. */
  protected abstract idle(): Promise<unknown>;

  /**
   * Lets go what calls ran on. May be called a second time, with true, while the first has not ended.
   * @param atOnce true when work of calls that were cut off may still run on it
   */
  protected abstract release(atOnce: boolean): Promise<unknown>;

  /** Calls that wait: taken in, and not yet handed to what runs them. Of a pool, its own queue counts too. */
  get queued(): number {
    return this.#backlog.queued;
  }

  /** True while as many calls wait as can run at once, or one more would be shed: time to wait for `drained()`. */
  get needsDrain(): boolean {
    return this.#backlog.needsDrain;
  }

  /** Resolves when no call waits, and one more would not be shed; also when the executor was closed. */
  drained(): Promise<void> {
    return this.#backlog.drained();
  }

  /**
   * Cancels the calls that wait; those that run go on.
   * @param reason what they reject with. @defaultValue ERR_SANDTUNE_CANCELLED
   * @returns how many there were
   */
  clear(reason?: unknown): number {
    const backlog = this.#backlog;
    const cleared = backlog.clear();
    if (backlog.queued > 0) {
      for (const call of this.#inFlight()) if (backlog.takeBack(call)) cleared.push(call);
    }
    for (const call of cleared) call.failed('cancelled', reason === undefined ? clearedError(this.name) : reason);
    return cleared.length;
  }

  /** Knobs that executors of this kind have and this one has not, each with the reason. */
  get withheld(): Readonly<Record<string, string>> {
    return this.#withheld;
  }

  openWindow(): OpenWindow {
    return this.#recorder.openWindow();
  }

  /**
   * A window about every `intervalMs`, without gaps, until the loop is left or `signal` aborted.
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION when `intervalMs` is not a number above 0, of a day at most, or for a wrong option
   */
  windows(intervalMs: number, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<Window> {
    checkKeys('windows()', options, ['signal']);
    const signal = options.signal ? checkSignal('windows(): signal', options.signal) : undefined;
    return windows(this, intervalMs, { timers: this.#timers, ...(signal && { signal }) });
  }

  /** All calls since the executor was made: offered = the sum of outcomes + in flight. */
  totals(): Totals {
    return this.#recorder.totals();
  }

  /**
   * Refuses new calls; resolves when those that were taken in have ended and what they ran on is let go.
   * After `withinMs` the calls that have not ended are cancelled (ERR_SANDTUNE_CANCELLED), and workers
   * that still run one are ended; a function cannot be, and its work goes on unseen. A second call
   * returns the same promise; of several bounds the one that passes first holds.
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION, with nothing closed; ERR_SANDTUNE_CLOSED when what calls
   * ran on was not let go within a second of the bound
   */
  close(options?: CloseOptions): Promise<void> {
    let withinMs: number | undefined;
    try {
      withinMs = withinOf(options);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#recorder.close();
    this.#closing ??= new Closing(this.#timers, {
      name: this.name,
      idle: () => this.idle(),
      cut: (passedMs) => this.#cut(passedMs),
      release: (atOnce) => this.release(atOnce),
      closed: () => {
        this.#backlog.end();
        releaseName(this.name, this);
      },
    });
    if (withinMs !== undefined) this.#closing.within(withinMs);
    return this.#closing.done;
  }

  #inFlight(): Call[] {
    return [...this.#recorder.books.calls] as Call[];
  }

  /** Cancels every call in flight. All that wait are taken back first, so that no place that gets free goes to one of them. */
  #cut(withinMs: number): void {
    const backlog = this.#backlog;
    const calls = this.#inFlight();
    const waited = new Set(calls.filter((call) => backlog.takeBack(call)));
    for (const call of calls) {
      const isBegun = !waited.has(call);
      const aftermath = isBegun ? backlog.aftermath : 'its work never began';
      const error = cutError(this.name, withinMs, isBegun ? 'execute' : 'queue', aftermath);
      call.failed('cancelled', error);
      if (isBegun) backlog.abandon(call, error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
