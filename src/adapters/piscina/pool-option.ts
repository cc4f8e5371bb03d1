/** Where an option of a piscina pool is written: by whoever made the pool, or where it is wrapped. */
import type { KnobParts } from '../../executor/knob.ts';

type PoolOption = NonNullable<KnobParts['option']>;

/** Of a pool that its user made: `wrap(new Piscina({ … }))`, or somewhere else. */
export function optionOfGivenPool(name: string): PoolOption {
  return { of: 'new Piscina()', argument: 'constructed', path: [name] };
}

/** Of a pool that we make: `wrap({ piscina: { … } })`. */
export function optionOfOwnPool(name: string): PoolOption {
  return { of: 'wrap()', argument: 'first', path: ['piscina', name] };
}
