/** All worlds that have a name, and how to get one of them. */
import { checkOneOf } from '../../../src/foundation/options.ts';
import { createWorld, type SimulatedWorld } from '../simulated.ts';
import { batching } from './batching.ts';
import { cacheOfTrace, caches } from './caches.ts';
import type { CatalogueWorld } from './entry.ts';
import { harms } from './harms.ts';
import { misfits } from './misfits.ts';
import { nulls } from './nulls.ts';
import { pools } from './pools.ts';
import { shifts } from './shifts.ts';
import { slowServices } from './slow-services.ts';
import { spaces } from './spaces.ts';
import { unknownKnobs } from './unknown-knobs.ts';

export const catalogue: readonly CatalogueWorld[] = [
  ...pools,
  ...batching,
  ...caches,
  ...spaces,
  ...nulls,
  ...shifts,
  ...harms,
  ...slowServices,
  ...unknownKnobs,
  ...misfits,
];

const trace = 'cache-trace:';

/** True for what `worldNamed()` takes for a name, be there such a world or not: no path looks like it. */
export function isWorldName(text: string): boolean {
  return text.startsWith(trace) || /^[a-z0-9-]+$/.test(text);
}

/**
 * @param name of the catalogue, or `cache-trace:FILE`
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for a name that is not there, ERR_SANDTUNE_INPUT for a file that holds no trace
 */
export function worldNamed(name: string): CatalogueWorld {
  if (name.startsWith(trace)) return cacheOfTrace(name.slice(trace.length));
  const names = catalogue.map((world) => world.name);
  checkOneOf('world', name, names);
  return catalogue[names.indexOf(name)] as CatalogueWorld;
}

export function makeWorld({ name, spec }: CatalogueWorld, seed: number): SimulatedWorld {
  return createWorld({ name, ...spec(seed) }, seed);
}
