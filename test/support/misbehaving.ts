/** A simulated world with faults laid over its first knob or over its windows. */
import { onTestFinished } from 'vitest';
import { type ManualTime, manualTime } from '../../bench/worlds/manual-time.ts';
import type { SimulatedWorld } from '../../bench/worlds/simulated.ts';
import type { Executor, Knob, OpenWindow, Settings, Window } from '../../src/contracts.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';
import { quickOptions, ratedWorld } from './tuned-world.ts';

export interface Faults {
  /** Of the knob `size`; asked at each call whether they are on. */
  readonly knob?: (real: Knob<number>, isOn: () => boolean) => Partial<Knob<number>>;
  /** What `cut()` gives instead of `window`. */
  readonly cut?: (window: Window, isOn: () => boolean) => unknown;
  readonly open?: (real: OpenWindow, isOn: () => boolean) => unknown;
}

export interface Misbehaving {
  readonly world: SimulatedWorld;
  readonly tuner: Tuner;
  readonly time: ManualTime;
  /** From now on the faults are on. */
  readonly arm: () => void;
}

/** Knobs `size` (from 1) and `other` (from 5); a size from 8 on serves half as much again. */
export function misbehaving(faults: Faults, options: TuneOptions = {}, isArmed = false): Misbehaving {
  let isOn = isArmed;
  const armed = () => isOn;
  const world = ratedWorld({
    rate: ({ size }: Settings) => (Number(size) >= 8 ? 15_000 : 10_000),
    knobs: [
      { id: 'size', defaultValue: 1 },
      { id: 'other', defaultValue: 5 },
    ],
  });
  const time = manualTime(world);
  const [size, other] = world.executor.knobs as unknown as [Knob<number>, Knob];
  const executor: Executor = {
    ...world.executor,
    knobs: [{ ...size, ...faults.knob?.(size, armed) } as unknown as Knob, other],
    openWindow: () => {
      const real = world.executor.openWindow();
      if (faults.open) return faults.open(real, armed) as OpenWindow;
      return {
        cut: () => (faults.cut ? (faults.cut(real.cut(), armed) as Window) : real.cut()),
        get settledCount() {
          return real.settledCount;
        },
        [Symbol.dispose]: () => real[Symbol.dispose](),
      };
    },
  };
  const expert = { ...quickOptions.expert, noisePairs: 0, ...options.expert };
  const tuner = tune(executor, { ...quickOptions, surroundings: time.surroundings, ...options, expert });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  return {
    world,
    tuner,
    time,
    arm: () => {
      isOn = true;
    },
  };
}

/** A window with the candidate in force. */
export function isUnderCandidate(entry: Entry): boolean {
  return entry.kind === 'event' && entry.event.kind === 'measured' && entry.event.window.settings['size'] === 8;
}

/** What throws whatever is done with it. */
export function bomb(): unknown {
  const explode = (): never => {
    throw new Error('bomb');
  };
  return new Proxy({}, { get: explode, getPrototypeOf: explode, ownKeys: explode, has: explode });
}
