/**
 * One lap: one world, one seed, the tuner and all peers, each in a world of its own that is made the same.
 * The oracles are asked once for all of them.
 */
import type { Settings } from '../../src/contracts.ts';
import { oracleOf } from '../worlds/regimes.ts';
import type { Score } from '../worlds/score.ts';
import { type ProvenAt, type ScoredTrial, usualOf, wholeRun } from '../worlds/whole-run.ts';
import type { Peer } from './peer.ts';
import { peerRun } from './peer-run.ts';
import type { WorldSource } from './world-source.ts';

/** The tuner of this checkout, among the names of the rules. */
export const ours = 'sandtune';

/** Plain data. */
export interface Lap {
  readonly world: string;
  readonly seed: number;
  readonly knobs: number;
  /** Length of each run, in the world's time. */
  readonly seconds: number;
  /** The best setting in hindsight of those that never change. */
  readonly bestStatic: Settings;
  /** By the name of the rule; one that has nothing to steer there is absent. */
  readonly runs: Readonly<Record<string, RuleRun>>;
}

export interface RuleRun extends Score {
  /** Of ours: see `ProvenAt`. */
  readonly proven?: ProvenAt | null;
  /** Of ours: predictions that were tried. */
  readonly scores?: readonly ScoredTrial[];
  /** Of a peer that searches: see `PeerRun`. */
  readonly triedToNearly?: number | null;
}

export interface LapOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly peers: readonly Peer[];
}

/** @throws what the world throws */
export async function lap({ id, make, goal: goalOf }: WorldSource, { seed, forMs, peers }: LapOptions): Promise<Lap> {
  const first = make(seed);
  const goal = goalOf(first);
  const oracle = oracleOf(goal, usualOf(first));
  const bestStatic = oracle.bestStatic(first, forMs);
  const common = { goal, seed, forMs, oracle, bestStatic };
  const runs: Record<string, RuleRun> = { [ours]: await wholeRun(make(seed), common) };
  for (const peer of peers) {
    const run = await peerRun(make(seed), peer, common);
    if (run) runs[peer.name] = run;
  }
  return { world: id, seed, knobs: first.executor.knobs.length, seconds: forMs / 1000, bestStatic, runs };
}
