/**
 * Carries actions out on the executor: the only place of the tuner that touches a knob. Answers each
 * with the event it led to, or null when it was interrupted.
 */
import type { Executor, Settings } from '../src/contracts.ts';
import { type Clock, type Timers, wallMs } from '../src/foundation/clock.ts';
import { messageOf } from '../src/foundation/errors.ts';
import { applySettings, effectiveSettings, keepWarm } from './apply.ts';
import type { TunerEvent } from './entries.ts';
import type { Action } from './loop/state.ts';
import { forLedger, measureWindow } from './measure-window.ts';
import { changes } from './settings.ts';

export class Hands {
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #warm: AsyncDisposable | null = null;
  #lastArm = 'baseline';

  constructor(executor: Executor, clock: Clock, timers: Timers) {
    this.#executor = executor;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Never rejects: what could not be done is a `failed` event. */
  async carryOut(action: Action, signal: AbortSignal): Promise<TunerEvent | null> {
    const { knobs } = this.#executor;
    try {
      switch (action.kind) {
        case 'measure': {
          await this.#flip(action.arm, action.settings);
          const window = await measureWindow(this.#executor, action, this.#timers, this.#clock, signal);
          if (window === null) return null;
          return {
            kind: 'measured',
            atMs: this.#now(),
            arm: action.arm,
            window: forLedger(window),
            effective: effectiveSettings(knobs),
          };
        }
        case 'warm':
          await this.#release();
          this.#warm = await keepWarm(knobs, action.a, action.b);
          return { kind: 'done', atMs: this.#now() };
        case 'settle':
          await this.settle(action.settings);
          return { kind: 'done', atMs: this.#now() };
        case 'await':
          await aborted(signal);
          return null;
        case 'end':
          return null;
      }
    } catch (error) {
      return {
        kind: 'failed',
        atMs: this.#now(),
        what: action.kind,
        message: messageOf(error),
        settings: effectiveSettings(knobs),
      };
    }
  }

  /** At `settings`, with nothing kept warm. @throws what a knob throws */
  async settle(settings: Settings): Promise<void> {
    await applySettings(this.#executor.knobs, settings);
    await this.#release();
  }

  /** A change of arm is always a real flip, also where both arms are the same setting. */
  async #flip(arm: string, settings: Settings): Promise<void> {
    const crossed = arm !== this.#lastArm;
    this.#lastArm = arm;
    const nothingDiffers = changes(effectiveSettings(this.#executor.knobs), settings).length === 0;
    await applySettings(this.#executor.knobs, settings, crossed && nothingDiffers);
  }

  async #release(): Promise<void> {
    const warm = this.#warm;
    this.#warm = null;
    await warm?.[Symbol.asyncDispose]();
  }

  #now(): number {
    return wallMs(this.#clock);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
