/**
 * The first set of worlds, as rates over seeds: how often nothing (or a small loss that saves) is
 * kept, and how surely and soon a harm is reverted. The harm is measured twice: with engine and
 * breakers, and without both. Nobody is left to revert it then, so that count is 0 by design; what
 * that run shows is how long the harm lasts where nobody looks.
 */

import type { TrialDesign } from '../../tuner/entries/entries.ts';
import { triggers } from '../../tuner/entries/triggers.ts';
import { median } from '../../tuner/trial/statistics.ts';
import { atLeast, atMost, exactly, type Row } from '../accept/rows.ts';
import { bursty, candidateDoes, collecting, costly, drifting, noisy, shared } from './arms.ts';
import { trialResults } from './run-trial.ts';
import type { WorldSpec } from './spec.ts';

/** Nominal 0.01 plus 1.645 binomial standard errors at 1,000 seeds. */
const nominal = 0.01;
const fewestReverted = 0.99;
const mostCandidateWindows = 15;

export const nullWorlds: readonly WorldSpec[] = [drifting, bursty, collecting, costly, shared];
/** Costs more than `revertAt` allows, and saves: the path that asks only for "not worse". */
export const cheaperWorld: WorldSpec = {
  ...noisy,
  name: '−3 % and cheaper',
  law: candidateDoes({ effect: -0.03 }),
};
const harmWorld: WorldSpec = {
  ...noisy,
  name: '−10 % at σ_d 6 %',
  law: candidateDoes({ effect: -0.1 }),
};

/** One full trial a seed in each world. @param count trials a world, at least 1 @param seed of the first */
export async function acceptWorlds(count: number, seed: number): Promise<readonly Row[]> {
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  const rows: Row[] = [];
  for (const world of nullWorlds) rows.push(await falseCommits(`A/A, ${world.name}`, world, {}, seeds));
  rows.push(await falseCommits(cheaperWorld.name, cheaperWorld, { cheaper: true }, seeds));
  const harmed = await harm(seeds, {});
  const unguarded = await harm(seeds, { engine: false, breakers: false });
  return [
    ...rows,
    atLeast(`${harmWorld.name}: reverted by engine or breaker`, harmed.reverted, fewestReverted),
    atMost(`${harmWorld.name}: median candidate windows`, harmed.medianWindows, mostCandidateWindows),
    exactly(`${harmWorld.name}, engine and breakers off: reverted (0 by design)`, unguarded.reverted, 0),
    {
      name: `${harmWorld.name}, engine and breakers off: median candidate windows (the harm lasts)`,
      value: unguarded.medianWindows,
      limit: `> ${mostCandidateWindows}`,
      passed: unguarded.medianWindows > mostCandidateWindows,
    },
  ];
}

/** Largest rate still read as `nominal` at this many seeds. */
export function falseCommitLimit(seeds: number): number {
  return Math.round((nominal + 1.645 * Math.sqrt((nominal * (1 - nominal)) / seeds)) * 1e4) / 1e4;
}

async function falseCommits(
  name: string,
  world: WorldSpec,
  design: Partial<TrialDesign>,
  seeds: readonly number[],
): Promise<Row> {
  const results = await trialResults(world, design, seeds);
  const commits = results.filter(({ trigger }) => triggers[trigger].keeps !== null);
  return atMost(`${name}: false commits`, commits.length / seeds.length, falseCommitLimit(seeds.length));
}

/** Reverted by proof or breaker: running out of pairs or time is not counted. */
async function harm(
  seeds: readonly number[],
  design: Partial<TrialDesign>,
): Promise<{ readonly reverted: number; readonly medianWindows: number }> {
  const results = await trialResults(harmWorld, design, seeds);
  const reverted = results.filter(({ trigger }) => triggers[trigger].harms);
  return {
    reverted: reverted.length / seeds.length,
    medianWindows: median(
      results.map((result) => result.windows.candidate),
      Infinity,
    ),
  };
}
