/**
 * A whole session of the tuner in a simulated world, through the package's entries: somebody proposes
 * the candidate, and the tuner decides on it.
 */

import type { Entries } from '../arms/entries.ts';
import type { OpenArm } from '../compare.ts';
import { candidate, candidateDoes, noisy } from '../worlds/arms.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { createWorld } from '../worlds/simulated.ts';

export interface SessionSpec {
  /** What the candidate truly changes, as a fraction. */
  readonly effect: number;
}

export async function openArm({ effect }: SessionSpec, entries: Entries): Promise<OpenArm> {
  const { tune } = await entries.tuner();
  return {
    measure: async (seed) => {
      const world = createWorld({ ...noisy, law: candidateDoes({ effect }) }, seed);
      const { clock, surroundings } = manualTime(world);
      await using tuner = tune(world.executor, {
        mode: 'auto',
        maximize: 'throughput',
        stateDir: ':memory:',
        seed,
        surroundings,
      });
      const { decision } = await tuner.propose(candidate);
      return { committed: Number(decision === 'commit'), 'seconds-to-decide': clock.now() / 1000 };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
