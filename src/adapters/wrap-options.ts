/** What the options of every `wrap()` have in common: a gate of ours, and how far the tuner may move it. */

import type { KnobParts } from '../executor/knob.ts';
import { type ExecutorOptions, type ResolvedExecutorOptions, resolveExecutorOptions } from '../executor/options.ts';
import { concurrencyKnob } from '../executor/queue-knobs.ts';
import { checkInteger, checkKeys, expected } from '../foundation/options.ts';

/** Where a knob stands at first, and how far the tuner may move it. All integers ≥ 1. */
export interface Bounds {
  /** @defaultValue what is in force, or `max` where nothing is */
  readonly value?: number;
  /** @defaultValue 1 */
  readonly min?: number;
  /** @defaultValue 16 × value */
  readonly max?: number;
}

/** `name` is that of the worker file or of the function, where none is given. */
export interface WrapOptions extends ExecutorOptions {
  /**
   * A limit on the units of dispatch that are out at once (calls, or batches where there are any),
   * and with it the knob `concurrency`. A number n stands for `{ value: n }`.
   * @defaultValue no limit and no knob
   */
  readonly concurrency?: number | Bounds;
}

export const wrapDefaults = Object.freeze({
  maxQueue: Number.POSITIVE_INFINITY,
  freeOnCancel: false,
  lingerMs: 0,
  boundFactor: 16,
});

export interface ResolvedWrapOptions extends ResolvedExecutorOptions {
  readonly concurrency: Required<Bounds> | undefined;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveWrapOptions(
  what: string,
  options: WrapOptions,
  defaultName: string,
  moreKeys: readonly string[],
): ResolvedWrapOptions {
  const common = resolveExecutorOptions(what, options, defaultName, ['concurrency', ...moreKeys]);
  const { concurrency } = options;
  return { ...common, concurrency: concurrency === undefined ? undefined : resolveBounds('concurrency', concurrency) };
}

/** The knob of a gate, where one was asked for. */
export function gateKnobs(gate: { limit: number }, { concurrency }: ResolvedWrapOptions): readonly KnobParts[] {
  const option = { of: 'wrap()', argument: 'second', path: ['concurrency'] } as const;
  if (!concurrency) return [];
  const given = concurrency.value;
  return [concurrencyKnob(gate, { ...concurrency, source: 'wrap({ concurrency })', option, given })];
}

function resolveBounds(name: string, given: number | Bounds): Required<Bounds> {
  if (typeof given !== 'number' && (typeof given !== 'object' || given === null)) {
    throw expected(name, 'a number or { value, min, max }', given);
  }
  const bounds: Bounds = typeof given === 'number' ? { value: given } : given;
  checkKeys(name, bounds, ['value', 'min', 'max']);
  const value = bounds.value ?? bounds.max;
  if (value === undefined) throw expected(name, 'a value, a max, or both', given);
  checkInteger(`${name}.value`, value, { min: 1 });
  const min = checkInteger(`${name}.min`, bounds.min ?? 1, { min: 1, max: value });
  const max = checkInteger(`${name}.max`, bounds.max ?? wrapDefaults.boundFactor * value, { min: value });
  return { value, min, max };
}
