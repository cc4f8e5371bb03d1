/** A knob of a simulated world: it moves at once, and a flip between warm values is as any other. */
import type { Knob, NumericRange, SettingValue } from '../../src/contracts.ts';
import type { WorldKnob } from './spec.ts';

/** The world's side of a knob. */
export interface KnobState {
  readonly read: () => SettingValue;
  readonly apply: (value: SettingValue) => void;
  /** One more, or one less, keeps the knob warm. */
  readonly warm: (change: 1 | -1) => void;
}

const defaultRange: NumericRange = Object.freeze({ min: 1, max: 1024, scale: 'log', integer: true });

export function simulatedKnob(
  { refuses, takes = (value) => value, lies = false, ...spec }: WorldKnob,
  state: KnobState,
): Knob {
  const { id, defaultValue } = spec;
  let requested = state.read();
  return {
    domain: defaultRange,
    interference: 'executor',
    moves: { up: 'live', down: 'live' },
    source: 'world',
    ...spec,
    read: () => ({ requested, effective: lies ? requested : state.read() }),
    apply: (value) => {
      if (refuses?.(value)) return Promise.reject(new Error(`${id} refuses ${String(value)}`));
      requested = value;
      state.apply(takes(value));
      return Promise.resolve();
    },
    keepWarm: () => {
      state.warm(1);
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(state.warm(-1)) });
    },
    patch: (value) => ({ before: `${id}: ${String(defaultValue)},`, after: `${id}: ${String(value)},` }),
  };
}
