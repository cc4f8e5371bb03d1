/**
 * A window of an executor while it is open. What the executor gives is checked against what the tuner
 * knows by itself: the time that passed on its own clock, and what the knobs read.
 *
 *   openWindow() ─ discard() ─ settledCount() ─ cut() ──▶ Window │ WindowRefused, KnobsFailed
 */
import type { Discarded, Executor, OpenWindow, Settings, Window } from '../../src/contracts.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { durationText } from '../../src/foundation/units.ts';
import { KnobsFailed } from './apply.ts';
import { WindowRefused } from './field-reader.ts';
import { held } from './held-knob.ts';
import { type Say, warn } from './warn.ts';
import { checkedDiscard, checkedSettledCount, checkedWindow } from './window-check.ts';

/** The executor was called between these two readings of the tuner's clock. */
interface Called {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The end of the last window of an executor, on its own clock, and when that was on the tuner's. */
interface LastEnd {
  readonly clock: Clock;
  readonly endMs: number;
  readonly called: Called;
}

/** Two clocks differ by their resolution, and by a share of the time between two readings. */
const clockMargin = { ms: 5, share: 0.01 } as const;

const lastEnds = new WeakMap<Executor, LastEnd>();
/** Executors whose windows cannot be disposed, which is told once. */
const undisposable = new WeakSet<Executor>();

export class OpenedWindow {
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #open: OpenWindow;
  readonly #say: Say;
  #begun: Called;

  /** @throws {WindowRefused} when the executor opens none */
  constructor(executor: Executor, clock: Clock, say: Say = warn) {
    this.#executor = executor;
    this.#say = say;
    this.#clock = clock;
    const { value, called } = this.#call('openWindow()', () => executor.openWindow());
    this.#open = value;
    this.#begun = called;
  }

  /** @throws {WindowRefused} */
  settledCount(): number {
    return checkedSettledCount(this.#open, this.#executor.name);
  }

  /** Throws away what happened so far. @throws {WindowRefused} */
  discard(): Discarded {
    const { value, called } = this.#call('cut()', () => this.#open.cut());
    this.#begun = called;
    return checkedDiscard(value, this.#executor.name);
  }

  /**
   * @throws {WindowRefused} when it cannot be what happened; {KnobsFailed} when it tells another value of
   *   a knob than the knob itself
   */
  cut(): Window {
    const begun = this.#begun;
    const { value, called } = this.#call('cut()', () => this.#open.cut());
    const window = checkedWindow(value, this.#executor.name);
    this.#checkTimes(window, begun, called);
    this.#checkSettings(window);
    return window;
  }

  /** The window is not needed any more. */
  end(): void {
    try {
      this.#open[Symbol.dispose]();
    } catch (error) {
      if (undisposable.has(this.#executor)) return;
      undisposable.add(this.#executor);
      this.#say('SANDTUNE_WINDOW', `a window of '${this.#executor.name}' could not be disposed: ${messageOf(error)}`);
    }
  }

  #call<T>(what: string, call: () => T): { readonly value: T; readonly called: Called } {
    const fromMs = this.#clock.now();
    try {
      return { value: call(), called: { fromMs, toMs: this.#clock.now() } };
    } catch (cause) {
      throw this.#refused(`window: ${what} threw: ${messageOf(cause)}`, cause);
    }
  }

  /** The length is the time that it was open, and no other window ended after its start. */
  #checkTimes({ startMs, endMs }: Window, begun: Called, ended: Called): void {
    const last = lastEnds.get(this.#executor);
    lastEnds.set(this.#executor, { clock: this.#clock, endMs, called: ended });
    if (endMs <= startMs || !isBetween(endMs - startMs, begun, ended)) {
      const open = durationText(ended.toMs - begun.fromMs);
      throw this.#refused(
        `window.endMs: expected ${open} after startMs, the time it was open, got ${endMs - startMs} ms`,
      );
    }
    if (last?.clock !== this.#clock || isBetween(startMs - last.endMs, last.called, begun)) return;
    const since = durationText(begun.toMs - last.called.fromMs);
    throw this.#refused(
      `window.startMs: expected ${since} after the window before it, as long as that is ago, got ${startMs - last.endMs} ms`,
    );
  }

  /** A knob and a window are two witnesses of a setting: where they disagree, nobody knows what was measured. */
  #checkSettings({ settings, steady }: Window): void {
    for (const knob of this.#executor.knobs) {
      const { id } = knob;
      const told = valueIn(settings, id);
      if (told === undefined) throw this.#refused(`window.settings.${id}: expected a value, got none`);
      const read = held(knob).standing;
      const [value] = read;
      if (!steady || value === undefined || read.includes(told)) continue;
      const message = `'${this.#executor.name}' gave window.settings.${id}: expected ${quoted(value)}, as the knob reads, got ${quoted(told)}`;
      throw new KnobsFailed([{ id, value }], message, undefined);
    }
  }

  #refused(message: string, cause?: unknown): WindowRefused {
    return new WindowRefused('ERR_SANDTUNE_WINDOW', `'${this.#executor.name}' gave ${message}`, { cause });
  }
}

function isBetween(lengthMs: number, from: Called, to: Called): boolean {
  const [leastMs, mostMs] = [to.fromMs - from.toMs, to.toMs - from.fromMs];
  const marginMs = clockMargin.ms + clockMargin.share * mostMs;
  return lengthMs >= leastMs - marginMs && lengthMs <= mostMs + marginMs;
}

/** What the executor itself says its knobs stand at, in a window of no length; nothing where it cannot be asked. */
export function settingsByWindow(executor: Executor): Settings {
  try {
    using open = executor.openWindow();
    return { ...open.cut().settings };
  } catch {
    return {};
  }
}
