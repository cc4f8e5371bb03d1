/**
 * The knob `idleTimeoutMs`: how long a worker above `minThreads` lives without work. piscina reads it
 * whenever a worker falls idle. An infinite one gets no knob: its workers never die, so there is
 * nothing to gain.
 */
import { atOnce, executorSpec, type KnobParts } from '../../executor/knob.ts';
import { configuredOf } from './configured.ts';
import type { PiscinaPool } from './piscina-shape.ts';

const idleTimeoutsMs = [0, 100, 1000, 10_000, 60_000];

/** @param option an option of the pool by its name */
export function idleTimeoutKnobs<I, O>(
  pool: PiscinaPool<I, O>,
  option: (name: string) => NonNullable<KnobParts['option']>,
): readonly KnobParts<number>[] {
  const { options } = pool;
  const configured = configuredOf(pool).idleTimeoutMs;
  if (configured === Number.POSITIVE_INFINITY) return [];
  return [
    {
      spec: executorSpec({
        id: 'idleTimeoutMs',
        unit: 'ms',
        domain: [...new Set([...idleTimeoutsMs, configured])].sort((a, b) => a - b),
        defaultValue: configured,
        source: configured === 0 ? "piscina's default (idleTimeout)" : 'new Piscina({ idleTimeout })',
      }),
      effective: () => options.idleTimeout,
      move: atOnce((value) => {
        options.idleTimeout = value;
      }),
      option: option('idleTimeout'),
    },
  ];
}
