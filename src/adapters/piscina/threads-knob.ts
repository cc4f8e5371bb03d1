/** The knob `threads` of a pool, whoever built it. How its threads are moved is given by `ThreadsMoved`. */
import { availableParallelism } from 'node:os';
import type { Move } from '../../contracts.ts';
import { executorSpec, type KnobParts, optionPatch } from '../../executor/knob.ts';
import type { ConfiguredPool } from './configured.ts';

export interface ThreadsMoved {
  readonly configured: ConfiguredPool;
  readonly most: number;
  /** How threads are taken from the calls. */
  readonly down: Move;
  /** Where they are configured. */
  readonly source: string;
  /** An option of the pool by its name. */
  readonly option: (name: string) => NonNullable<KnobParts['option']>;
  /** Threads that work. */
  readonly working: () => number;
  readonly move: KnobParts<number>['move'];
  /** Resolves when so many threads are there, kept until what it resolves with is called. */
  readonly keep: (threads: number) => Promise<() => void | Promise<void>>;
}

/** What a pool has that nobody configured. It does not tell this from the same number written down. */
const defaultThreads = Math.ceil(1.5 * availableParallelism());

export function threadsKnob({
  configured,
  most,
  down,
  source,
  option,
  working,
  move,
  keep,
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
    effective: working,
    move,
    warm: (a, b) => keep(Math.max(a, b)),
    patch: (value) => {
      const maxThreads = { ...option('maxThreads'), value };
      // piscina refuses minThreads above maxThreads: where the new limit is below, both change.
      return value >= configured.minThreads
        ? optionPatch(maxThreads)
        : optionPatch({ ...option('minThreads'), value }, maxThreads);
    },
  };
}
