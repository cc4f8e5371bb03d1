/**
 * A tuner from its start until a setting that is nearly the best is its anchor, through the package's entries,
 * so that another commit's tuner runs in the same worlds.
 */
import type { Settings } from '../../src/contracts.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import type { Entries } from '../arms/entries.ts';
import type { OpenArm } from '../compare.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { oracleOf } from '../worlds/regimes.ts';
import { usualOf } from '../worlds/whole-run.ts';
import { worthOf } from '../worlds/worth.ts';
import { worldSource } from './world-source.ts';

export interface ProvenSpec {
  /** A name of the catalogue, or a file. */
  readonly world: string;
  readonly forMs: number;
}

const secondMs = 1000;
const nearly = 0.95;

export async function openArm({ world: name, forMs }: ProvenSpec, entries: Entries): Promise<OpenArm> {
  const { tune } = await entries.tuner();
  const { make, goal: goalOf } = await worldSource(name);
  return {
    measure: async (seed) => {
      const world = make(seed);
      const goal = goalOf(world);
      const worth = worthOf(goal);
      const usual = usualOf(world);
      const oracle = oracleOf(goal, usual);
      const { clock, timers, surroundings } = manualTime(world);
      const shareOf = (settings: Settings) => {
        const atMs = clock.now();
        return worth(world.truth(settings, atMs)) / worth(world.truth(oracle.at(world, atMs).best, atMs));
      };
      const options = { mode: 'auto', stateDir: ':memory:', ...goal, seed, surroundings } as const;
      await using tuner = tune(world.executor, options);
      tuner.settled().catch(() => undefined);
      let trials = 0;
      tuner.watch((entry) => {
        if (entry.kind === 'record' && entry.record.kind === 'trial' && entry.record.purpose === 'candidate') trials++;
      });
      let known = usual;
      let proven = false;
      while (clock.now() < forMs && !proven) {
        await timers.sleep(secondMs);
        // The world may move under an anchor that stays: only one that was just proven is looked at.
        if (sameSettings(known, tuner.anchor)) continue;
        known = tuner.anchor;
        proven = !sameSettings(known, usual) && shareOf(known) >= nearly;
      }
      return { proven: Number(proven), seconds: clock.now() / secondMs, trials, ofBest: shareOf(tuner.anchor) };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
