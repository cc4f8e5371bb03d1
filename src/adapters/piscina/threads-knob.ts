/** The knob `threads` of a pool, whoever built it. How its threads are moved is given by `ThreadsMoved`. */
import { availableParallelism } from 'node:os';
import type { Move } from '../../contracts.ts';
import { atOnce, executorSpec, type KnobParts, optionPatch } from '../../executor/knob.ts';
import type { Reservations } from '../../executor/reservations.ts';
import type { ConfiguredPool } from './configured.ts';

export interface ThreadsMoved {
  readonly configured: ConfiguredPool;
  readonly most: number;
  /** How threads are taken from the calls. */
  readonly down: Move;
  /** Where they are configured. */
  readonly source: string;
  readonly inUse: () => number;
  readonly use: (threads: number) => void;
  readonly reservations: Reservations;
}

/** What a pool has that nobody configured. It does not tell this from the same number written down. */
const defaultThreads = Math.ceil(1.5 * availableParallelism());

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
      defaultValue: configured.maxThreads,
      source: configured.maxThreads === defaultThreads ? "piscina's default (maxThreads)" : source,
    }),
    effective: inUse,
    move: atOnce(use),
    warm: (a, b) => reservations.reserve(Math.max(a, b)),
    patch: (value) => {
      // piscina refuses minThreads above maxThreads: where the new limit is below, both change.
      if (value >= configured.minThreads) return optionPatch('maxThreads', configured.maxThreads, value);
      return {
        before: `minThreads: ${configured.minThreads}, maxThreads: ${configured.maxThreads},`,
        after: `minThreads: ${value}, maxThreads: ${value},`,
      };
    },
  };
}
