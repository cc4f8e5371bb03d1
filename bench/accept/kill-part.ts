/** Workers killed at random moments under load: every call settles exactly once. */
import { acceptKill } from './kill.ts';
import type { PartOptions } from './part.ts';

export const kill = {
  fullCount: 10_000,
  async run({ count, seed, progress }: PartOptions) {
    progress(`${count} calls`);
    const { rows } = await acceptKill({ calls: count, seed });
    return { rows, runs: [] };
  },
};
