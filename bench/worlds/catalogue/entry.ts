/**
 * What a world of the catalogue is. Its name stays what it is: figures are kept under it, and worlds are
 * drawn for development or held back by it.
 */
import type { KnobSpec, NumericRange } from '../../../src/contracts.ts';
import type { GoalWords } from '../../../tuner/goal.ts';
import type { Noise, WorldKnob, WorldSpec } from '../spec.ts';
import type { LawName } from './law-names.ts';

type WorldKind =
  | 'pool'
  | 'batching'
  | 'cache'
  | 'space'
  | 'null'
  | 'shift'
  | 'harm'
  | 'slow service'
  | 'unknown knob'
  | 'misfit';

export interface CatalogueWorld {
  /** Lower case, words joined by '-'. */
  readonly name: string;
  /** One sentence: what is true of it. */
  readonly about: string;
  readonly kind: WorldKind;
  readonly law: LawName;
  /** What its user would ask of `tune()`. */
  readonly goal: GoalWords;
  /** Its parts but the name, which is the world's own. The same seed gives the same. */
  readonly spec: (seed: number) => Omit<WorldSpec, 'name'>;
}

export const throughput: GoalWords = { maximize: 'throughput' };
export const meanLatency: GoalWords = { minimize: 'mean' };

/** White noise such that a pair's d has σ 5 %. */
export const usualNoise: Partial<Noise> = { sigma: 0.05 / Math.SQRT2, tail: 0.08 };

/** A whole number that moves at once. */
export function numberKnob(
  id: string,
  defaultValue: number,
  range: Partial<NumericRange> & { readonly unit?: string; readonly cost?: KnobSpec['cost'] } = {},
): WorldKnob {
  const { unit, cost, ...domain } = range;
  return {
    id,
    defaultValue,
    domain: { min: 1, max: 128, scale: 'log', integer: true, ...domain },
    ...(unit && { unit }),
    ...(cost && { cost }),
  };
}

/** Calls of a function at once: a knob the tuner has a model for. */
export const concurrency = (defaultValue = 8): WorldKnob =>
  numberKnob('concurrency', defaultValue, { unit: 'calls', cost: 'per-unit' });

/** The next multiple of `everyMs` after a moment, for laws and loads that jump there. */
export function everyMs(lengthMs: number): NonNullable<WorldSpec['changes']> {
  return (afterMs) => lengthMs * (Math.floor(afterMs / lengthMs + 1e-9) + 1);
}
