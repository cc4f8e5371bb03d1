/**
 * The actuator carries actions out on the executor. Nothing else in a running tuner touches a knob, and
 * in a mode that changes nothing the actuator touches none either. It answers each action with the event
 * it led to, or with null when it was interrupted.
 */
import type { Executor, Settings } from '../../src/contracts.ts';
import { type Clock, type Timers, wallMs } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import type { TunerEvent } from '../entries/entries.ts';
import { changes } from '../entries/settings.ts';
import type { Action } from '../loop/state.ts';
import { applySettings, effectiveSettings, keepWarm, readableSettings, restoreSettings } from './apply.ts';
import { forLedger, measureWindow } from './measure-window.ts';

/** Pauses between attempts to set knobs that refused. */
const settlePausesMs = [20, 200, 1000] as const;

/** Node's timers take longer ones for 1 ms. */
const longestSleepMs = 2 ** 31 - 1;

export class Actuator {
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #mayChange: boolean;
  #warm: AsyncDisposable | null = null;
  #lastArm = 'baseline';

  /** @param mayChange false: measures only, whatever it is asked */
  constructor(executor: Executor, clock: Clock, timers: Timers, mayChange: boolean) {
    this.#executor = executor;
    this.#clock = clock;
    this.#timers = timers;
    this.#mayChange = mayChange;
  }

  /** Never rejects: an action that could not be done gives a `failed` event. */
  async carryOut(action: Action, signal: AbortSignal): Promise<TunerEvent | null> {
    if (action.kind === 'end') return null;
    const { knobs } = this.#executor;
    try {
      switch (action.kind) {
        case 'measure': {
          await this.#flip(action.arm, action.settings);
          const measured = await measureWindow(this.#executor, action, this.#timers, this.#clock, signal);
          if (measured === null) return null;
          return {
            kind: 'measured',
            atMs: this.#now(),
            arm: action.arm,
            ...measured,
            window: forLedger(measured.window),
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
          // Woken early, the phase that waits waits again.
          await this.#timers.sleep(Math.min(longestSleepMs, action.forMs), { signal });
          return { kind: 'done', atMs: this.#now() };
      }
    } catch (error) {
      if (action.kind === 'await' && signal.aborted) return null;
      return {
        kind: 'failed',
        atMs: this.#now(),
        what: action.kind,
        message: messageOf(error),
        settings: readableSettings(knobs),
      };
    }
  }

  /**
   * Puts the executor on `settings` and keeps nothing warm. A knob that refuses is asked again.
   * @throws {SandtuneError} ERR_SANDTUNE_KNOB when a knob still refuses
   */
  async settle(settings: Settings): Promise<void> {
    if (!this.#mayChange) return;
    for (const pauseMs of settlePausesMs) {
      try {
        await restoreSettings(this.#executor.knobs, settings);
        return await this.#release();
      } catch {
        // The pause keeps the process alive, because it must not end before it is back on `settings`.
        await this.#timers.sleep(pauseMs, { keepAlive: true });
      }
    }
    await restoreSettings(this.#executor.knobs, settings);
    await this.#release();
  }

  /** Puts the executor on the setting of an arm. A change of arm applies knobs even where both arms have the same setting. */
  async #flip(arm: string, settings: Settings): Promise<void> {
    if (!this.#mayChange) return;
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
