/**
 * The actuator carries actions out on the executor. Nothing else in a running tuner touches a knob, and
 * in a mode that changes nothing the actuator touches none either. It answers each action with the event
 * it led to, or with null when it was interrupted.
 */
import type { Executor, Settings, Window } from '../../src/contracts.ts';
import { type Clock, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';
import type { TunerEvent } from '../entries/entries.ts';
import type { Action } from '../loop/state.ts';
import { applySettings, isInForce, KnobsFailed, knownSettings } from './apply.ts';
import { answerLimitMs, type Patience } from './foreign-calls.ts';
import { held, isOfClosed } from './held-knob.ts';
import { measureWindow } from './measure-window.ts';
import { returnTo } from './return-to.ts';
import { keepWarm } from './warmth.ts';
import type { Say, WarningCode } from './warn.ts';

/** CPUs that this process may use: when the session began, and now. */
export interface CpuReading {
  readonly atStart: number;
  readonly read: () => number;
}

export class Actuator {
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #mayChange: boolean;
  #warm: AsyncDisposable | null = null;
  #lastArm = 'baseline';
  #longestCallMs = 0;
  /** Knobs that failed last time: a flip of nothing leaves them alone. */
  readonly #failing = new Set<string>();
  readonly #told = new Set<string>();
  readonly #say: Say;
  readonly #cpus: CpuReading;

  /** @param mayChange false: measures only, whatever it is asked */
  constructor(executor: Executor, clock: Clock, timers: Timers, mayChange: boolean, say: Say, cpus: CpuReading) {
    this.#executor = executor;
    this.#clock = clock;
    this.#timers = timers;
    this.#mayChange = mayChange;
    this.#say = say;
    this.#cpus = cpus;
  }

  /** Never rejects: an action that could not be done gives a `failed` event. Answers at once when `signal` is aborted. */
  async carryOut(action: Action, signal: AbortSignal): Promise<TunerEvent | null> {
    if (action.kind === 'end') return null;
    const { knobs } = this.#executor;
    try {
      switch (action.kind) {
        case 'measure': {
          await this.#flip(action.arm, action.settings, signal);
          const measured = await measureWindow(this.#executor, action, this.#timers, this.#clock, signal, this.#say);
          if (measured === null) return null;
          this.#longestCallMs = longestCallMs(measured.window);
          this.#tellUnreadable();
          return {
            kind: 'measured',
            atMs: this.#now(),
            arm: action.arm,
            ...measured,
            effective: knownSettings(knobs),
            ...this.#cpusNow(),
          };
        }
        case 'warm':
          await this.#release();
          this.#warm = await keepWarm(knobs, action.a, action.b, this.#patience(signal));
          return { kind: 'done', atMs: this.#now() };
        case 'settle':
          await this.settle(action.settings, signal);
          return { kind: 'done', atMs: this.#now() };
        case 'await':
          // Woken early, the phase that waits waits again.
          await this.#timers.sleep(action.forMs, { signal });
          return { kind: 'done', atMs: this.#now() };
      }
    } catch (error) {
      if (signal.aborted) return null;
      return action.kind !== 'settle' && isOfClosed(error) ? this.#closed() : this.#failed(action.kind, error);
    }
  }

  /**
   * Puts the executor on `settings` and keeps nothing warm. Whatever the knobs do, it takes no longer than
   * twice what one answer may take (`answerLimitMs`), 5 s, and half a second for each knob that hangs.
   * @throws {KnobsFailed} when a knob is not on its value; the reason of `signal`
   */
  async settle(settings: Settings, signal?: AbortSignal): Promise<void> {
    if (!this.#mayChange) return;
    try {
      await returnTo(this.#executor, settings, this.#patience(signal));
    } finally {
      await this.#release();
    }
  }

  /** Puts the executor on the setting of an arm. A change of arm applies knobs even where both arms have the same setting. */
  async #flip(arm: string, settings: Settings, signal: AbortSignal): Promise<void> {
    if (!this.#mayChange) return;
    const { knobs } = this.#executor;
    const crossed = arm !== this.#lastArm;
    this.#lastArm = arm;
    const patience = this.#patience(signal);
    const moving = knobs.filter((knob) => !isInForce([knob], settings));
    const isFlipOfNothing = crossed && moving.length === 0;
    const touched = isFlipOfNothing ? knobs.filter(({ id }) => !this.#failing.has(id)) : knobs;
    await applySettings(touched, settings, isFlipOfNothing, patience);
    for (const { id } of moving) this.#failing.delete(id);
  }

  /** Nothing will be measured any more, and the executor has nothing to return to. */
  #closed(): TunerEvent {
    return {
      kind: 'end',
      atMs: this.#now(),
      why: 'closed',
      reason: `the executor '${this.#executor.name}' was closed`,
    };
  }

  /** The event of an action that failed. Each knob that fails is told once, and so is an executor. */
  #failed(what: 'measure' | 'warm' | 'settle' | 'await', error: unknown): TunerEvent {
    const { name, knobs } = this.#executor;
    const failed = error instanceof KnobsFailed ? error.knobs : [];
    const message = cut(messageOf(error));
    for (const { id, value } of failed) {
      this.#failing.add(id);
      const asked = `the knob '${id}' of '${name}', asked for ${quoted(value)}`;
      this.#tell(`knob ${id}`, 'SANDTUNE_KNOB', `${asked}: ${message}`);
    }
    if (failed.length === 0) this.#tell(what, 'SANDTUNE_WINDOW', `'${name}' could not be measured: ${message}`);
    const settings = knownSettings(knobs);
    return { kind: 'failed', atMs: this.#now(), what, message, settings, ...(failed.length > 0 && { knobs: failed }) };
  }

  /** A knob that cannot be read is taken for what it was last known to stand at. */
  #tellUnreadable(): void {
    const { name, knobs } = this.#executor;
    for (const knob of knobs) {
      try {
        held(knob).read();
      } catch (error) {
        this.#tell(`knob ${knob.id}`, 'SANDTUNE_KNOB', `a knob of '${name}' cannot be read: ${messageOf(error)}`);
      }
    }
  }

  #tell(what: string, code: WarningCode, text: string): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#say(code, text);
  }

  /** Nothing while they are what they were when the session began. */
  #cpusNow(): { readonly cpus?: number } {
    const cpus = this.#cpus.read();
    return cpus === this.#cpus.atStart ? {} : { cpus };
  }

  async #release(): Promise<void> {
    const warm = this.#warm;
    this.#warm = null;
    await warm?.[Symbol.asyncDispose]();
  }

  #patience(signal: AbortSignal | undefined): Patience {
    return {
      timers: this.#timers,
      limitMs: answerLimitMs(this.#longestCallMs),
      say: this.#say,
      ...(signal && { signal }),
    };
  }

  #now(): number {
    return wallMs(this.#clock);
  }
}

/** How long calls run, those in flight at the end of the window included. */
function longestCallMs({ latency, unfinished }: Window): number {
  return Math.max(latency.maxMs, unfinished.maxMs);
}

/** Characters of a failure that are told and written down: an error may have megabytes, and come again with each attempt. */
const longestMessage = 2_000;

function cut(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage).toWellFormed()}…`;
}
