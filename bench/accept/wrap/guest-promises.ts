/** That no bytes, however damaged, are taken for a guest when they are none. */
import { faultOf, mutate, seedModules } from './mutated-modules.ts';
import type { Promised } from './stage.ts';

/** Of one round; 50,000 in the 20 rounds of a full run. */
const modulesARound = 2500;

export const guestPromises: readonly Promised[] = [
  {
    says: 'a damaged module is taken exactly where V8 takes it, and read as V8 reads it, or refused with a typed error',
    of: 'no copy',
    firesARound: modulesARound,
    async play(stage) {
      const seeds = await seedModules();
      for (let index = 0; index < modulesARound; index++) {
        const bytes = mutate(seeds[index % seeds.length] as Uint8Array, stage.random);
        const fault = await faultOf(bytes);
        if (fault !== null) stage.wrong.push(`${fault} (${Buffer.from(bytes.subarray(0, 400)).toString('hex')})`);
        stage.fires();
      }
    },
  },
];
