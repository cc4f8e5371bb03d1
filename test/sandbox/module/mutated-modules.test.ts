import { expect, it } from 'vitest';
import { faultOf, mutate, seedModules } from '../../../bench/accept/wrap/mutated-modules.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import { ModuleStore } from '../../../src/sandbox/module/module-store.ts';

const seeds = await seedModules();

it('of 1,000 damaged modules each is taken exactly where V8 takes it, read as V8 reads it, or refused with a typed error', async () => {
  const random = randomStream(8, 'damaged modules');
  let taken = 0;
  for (let index = 0; index < 1000; index++) {
    const bytes = mutate(seeds[index % seeds.length] as Uint8Array, random);
    expect(await faultOf(bytes), Buffer.from(bytes.subarray(0, 400)).toString('hex')).toBeNull();
    if (WebAssembly.validate(bytes)) taken++;
  }
  expect(taken).toBeGreaterThan(20);
});

it('a loader that looks at a module only after rewriting it is found out by its fault', async () => {
  // A memory that may grow beyond what WebAssembly allows, which a lower cap would make valid.
  const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 6, 1, 1, 0, 0x81, 0x80, 4);
  const capped = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 1, 0, 4);
  const store = new ModuleStore();
  expect(await faultOf(bytes)).toBeNull();
  expect(await faultOf(bytes, (_, maxPages) => store.load(capped, maxPages))).toBe('taken, though V8 refuses it');
});
