/** Caches of 32 entries at first, before one worker that 32 calls wait for. */
import { randomStream } from '../../../src/foundation/random.ts';
import type { TimelessLaw } from '../laws.ts';
import { type Keys, keysOfTrace, loop, type StreamCache, streamCache, withScans, zipf } from '../reference-stream.ts';
import type { WorldSpec } from '../spec.ts';
import { type CatalogueWorld, everyMs, numberKnob, throughput, usualNoise } from './entry.ts';

const knob = numberKnob('cacheEntries', 32, { min: 8, max: 2048, unit: 'entries', cost: 'per-unit' });
const [length, inFlight, phaseMs] = [20_000, 32, 300_000];

function cacheOf(keys: Keys, evicts: StreamCache['evicts'] = 'least recently used'): TimelessLaw {
  return streamCache({ knob: knob.id, keys, hitMs: 0.1, missMs: 1, inFlight, evicts });
}

const cacheSpec = (law: WorldSpec['law']): Omit<WorldSpec, 'name'> => ({
  knobs: [knob],
  load: { kind: 'closed', inFlight },
  law,
  noise: usualNoise,
});

/** Keys of the usual skew. */
const some = (seed: number, name: string, keys = 1000) => {
  const random = randomStream(seed, name);
  return zipf(keys, 0.7 + 0.4 * random(), length, random);
};

export const caches: readonly CatalogueWorld[] = [
  cache('cache-zipf', 'a thousand keys by Zipf’s law: every entry more helps a little less', (seed, name) =>
    cacheOf(some(seed, name)),
  ),
  cache('cache-loop', 'some hundred keys in turn: a cache that holds fewer holds none in time', (seed, name) =>
    cacheOf(loop(100 + Math.floor(300 * randomStream(seed, name)()), length)),
  ),
  cache('cache-scan', 'Zipf’s law with scans in between that push everything out', (seed, name) =>
    cacheOf(withScans(some(seed, name), 2000, 500)),
  ),
  {
    name: 'cache-phases',
    about: 'few keys and many by turns, five minutes each',
    kind: 'cache',
    law: 'stack distances',
    goal: throughput,
    spec: (seed) => {
      const [few, many] = [
        cacheOf(some(seed, 'cache-phases few', 100)),
        cacheOf(some(seed, 'cache-phases many', 2000)),
      ];
      const law: WorldSpec['law'] = (settings, atMs) => (Math.floor(atMs / phaseMs) % 2 === 0 ? few : many)(settings);
      return { ...cacheSpec(law), changes: everyMs(phaseMs) };
    },
  },
  {
    ...cache('cache-random-replacement', 'Zipf’s law; whatever entry comes first to hand makes room', (seed, name) =>
      cacheOf(some(seed, name), 'any'),
    ),
    law: 'random replacement',
  },
];

/**
 * The cache under a recorded stream.
 * @param file one key a line
 * @throws {SandtuneError} ERR_SANDTUNE_INPUT for a file that cannot be read or holds no keys
 */
export function cacheOfTrace(file: string): CatalogueWorld {
  const keys = keysOfTrace(file);
  return cache('cache-trace', `the keys of ${file}, again and again`, () => cacheOf(keys));
}

function cache(name: string, about: string, law: (seed: number, name: string) => WorldSpec['law']): CatalogueWorld {
  return {
    name,
    about,
    kind: 'cache',
    law: 'stack distances',
    goal: throughput,
    spec: (seed) => cacheSpec(law(seed, name)),
  };
}
