/** The knobs of the sandbox that sample sessions tell of. */
import type { KnobSpec } from '../../src/contracts.ts';

export const sampleKnobs: readonly KnobSpec[] = [
  knob('threads', 'threads', [1, 8], 3, 'piscina: 1.5 × CPUs'),
  knob('batchSize', 'calls', [1, 512], 1, 'piscina: one call a task'),
  knob('batchLingerMs', 'ms', [0, 5], 0, 'sandtune: do not wait'),
  knob('moduleCacheCapacity', 'modules', [1, 64], 8, 'sandtune: room for the modules of the mix'),
];

function knob(
  id: string,
  unit: string,
  [min, max]: readonly [number, number],
  defaultValue: number,
  source: string,
): KnobSpec {
  return {
    id,
    unit,
    domain: {
      min,
      max,
      scale: id === 'threads' || id === 'batchLingerMs' ? 'linear' : 'log',
      integer: id !== 'batchLingerMs',
    },
    interference: 'executor',
    moves: { up: 'live', down: 'live' },
    cost: 'per-unit',
    defaultValue,
    source,
  };
}
