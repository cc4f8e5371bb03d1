/** Full trials in simulated worlds: false commits under noise, and harm reverted. */
import { acceptWorlds } from '../worlds/acceptance.ts';
import type { PartOptions } from './results.ts';

export const worlds = {
  fullCount: 1000,
  async run({ count, seed, progress }: PartOptions) {
    progress(`${count} seeds in each world, from ${seed}`);
    return { rows: await acceptWorlds(count, seed), runs: [] };
  },
};
