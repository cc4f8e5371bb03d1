import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Instances } from '../../../src/sandbox/run/instances.ts';
import { assemble } from '../assemble.ts';

const module = new WebAssembly.Module(
  assemble(`(module (memory (export "memory") 2) (global $n (mut i32) (i32.const 0))
    (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`),
);
const guests = Array.from({ length: 6 }, (_, i) => ({
  name: `g${i}`,
  module,
  binding: undefined,
  movedBytes: 0,
  cappedMemories: [],
  functions: ['next'],
  allowImports: {},
  given: { length: 0, sha256: '' },
  importedMemory: undefined,
  instance: 'keep' as const,
  lendsArguments: false,
  state: undefined,
}));

function fresh() {
  const instances = new Instances(guests, undefined);
  const use = (guest: number, capacity: number, reserved = capacity) => {
    const callables = instances.callables(guest, capacity, reserved) as readonly (() => number)[];
    const count = callables[0]?.();
    return { rank: instances.rank, hit: instances.hit, count };
  };
  return { instances, use };
}

it('a worker keeps as many instances as its capacity says and remembers the rank of the others', () => {
  const { use } = fresh();
  use(0, 2);
  use(1, 2);
  expect(use(0, 2)).toEqual({ rank: 1, hit: true, count: 2 });
  use(2, 2);
  expect(use(1, 2)).toEqual({ rank: 2, hit: false, count: 1 });
});

it('an instance beyond the capacity is made anew even when it is reserved, and is used again when the capacity returns', () => {
  const { use } = fresh();
  for (const guest of [0, 1, 2]) use(guest, 3);
  expect(use(0, 1, 3)).toEqual({ rank: 2, hit: false, count: 1 });
  expect(use(1, 3)).toEqual({ rank: 2, hit: true, count: 2 });
});

it('a guest that trapped starts afresh, at the rank it has', () => {
  const { instances, use } = fresh();
  use(0, 4);
  use(0, 4);
  instances.destroy(0);
  expect(use(0, 4)).toEqual({ rank: 0, hit: false, count: 1 });
});

it('guestBytes counts the bytes of the memories of all instances', () => {
  const { instances, use } = fresh();
  use(0, 4);
  use(1, 4);
  expect(instances.guestBytes()).toBe(2 * 2 * 65_536);
  instances.evict(1);
  expect(instances.guestBytes()).toBe(2 * 65_536);
});

it('a reference hits exactly when its LRU rank is below the capacity, for any references', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (references, capacity) => {
      const { use } = fresh();
      const seen: number[] = [];
      for (const guest of references) {
        const rank = seen.indexOf(guest);
        expect(use(guest, capacity)).toMatchObject({ rank, hit: rank >= 0 && rank < capacity });
        if (rank >= 0) seen.splice(rank, 1);
        seen.unshift(guest);
      }
    }),
    { numRuns: 50 },
  );
});
