/** The knob `threads` of a pool, whoever built it. How its threads are moved is given by `ThreadsMoved`. */
import type { Move } from '../../contracts.ts';
import { atOnce, executorSpec, type KnobParts, optionPatch } from '../../executor/knob.ts';
import type { Reservations } from '../../executor/reservations.ts';

export interface ThreadsMoved {
  readonly configured: { readonly min: number; readonly max: number };
  readonly most: number;
  /** How threads are taken from the calls. */
  readonly down: Move;
  readonly source: string;
  readonly inUse: () => number;
  readonly use: (threads: number) => void;
  readonly reservations: Reservations;
}

export function threadsKnob({
  configured,
  most,
  down,
  source,
  inUse,
  use,
  reservations,
}: ThreadsMoved): KnobParts<number> {
  return {
    spec: executorSpec({
      id: 'threads',
      unit: 'threads',
      domain: { min: 1, max: most, scale: 'linear', integer: true },
      moves: { up: 'live', down },
      cost: 'per-unit',
      defaultValue: configured.max,
      source,
    }),
    effective: inUse,
    move: atOnce(use),
    warm: (a, b) => reservations.reserve(Math.max(a, b)),
    patch: (value) => {
      // piscina refuses minThreads above maxThreads: where the new limit is below, both change.
      if (value >= configured.min) return optionPatch('maxThreads', configured.max, value);
      return {
        before: `minThreads: ${configured.min}, maxThreads: ${configured.max},`,
        after: `minThreads: ${value}, maxThreads: ${value},`,
      };
    },
  };
}

/**
 * The numbers of threads a pool was configured with. piscina starts threads below `maxThreads`, so a
 * fraction counts as a whole one.
 */
export function configuredThreads(options: { readonly minThreads: number; readonly maxThreads: number }) {
  return { min: options.minThreads, max: Math.ceil(options.maxThreads) };
}
