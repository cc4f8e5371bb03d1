/**
 * The first set of worlds, as rates over seeds: how often nothing (or a small loss that saves) is
 * kept, and how surely and soon a harm is taken back. The harm is measured twice: with engine and
 * breakers, and without both. Nobody is left to revert it then, so that count is 0 by design; what
 * that run shows is how long the harm lasts where nobody looks.
 */
import type { TrialDesign } from '../../tuner/entries/entries.ts';
import { meaningOf } from '../../tuner/entries/triggers.ts';
import { runTrial } from './run-trial.ts';
import { bursty, collecting, costly, drifting, noisy, shared, type World } from './world.ts';

export interface WorldRow {
  readonly name: string;
  readonly value: number;
  /** A limit in words and number: '≤ 0.0152'. */
  readonly limit: string;
  readonly passed: boolean;
}

/** Nominal 0.01 plus 1.645 binomial standard errors at 1,000 seeds. */
const nominal = 0.01;
const fewestReverted = 0.99;
const mostCandidateWindows = 15;

export const nullWorlds: readonly World[] = [drifting, bursty, collecting, costly, shared];
/** Costs more than `revertAt` allows, and saves: the path that asks only for "not worse". */
export const cheaperWorld: World = { ...noisy, name: '−3 % and cheaper', effect: -0.03 };
export const harmWorld: World = { ...noisy, name: '−10 % at σ_d 6 %', effect: -0.1 };

/** Each seed is one full trial in each world. @param seeds trials a world, at least 1 */
export function acceptWorlds({ seeds }: { readonly seeds: number }): { readonly rows: readonly WorldRow[] } {
  const harmed = harm(seeds, {});
  const unguarded = harm(seeds, { engine: false, breakers: false });
  return {
    rows: [
      ...nullWorlds.map((world) => falseCommits(`A/A, ${world.name}`, world, {}, seeds)),
      falseCommits(cheaperWorld.name, cheaperWorld, { cheaper: true }, seeds),
      atLeast(`${harmWorld.name}: reverted by engine or breaker`, harmed.reverted, fewestReverted),
      atMost(`${harmWorld.name}: median candidate windows`, harmed.medianWindows, mostCandidateWindows),
      {
        name: `${harmWorld.name}, engine and breakers off: reverted (0 by design)`,
        value: unguarded.reverted,
        limit: '= 0',
        passed: unguarded.reverted === 0,
      },
      {
        name: `${harmWorld.name}, engine and breakers off: median candidate windows (the harm lasts)`,
        value: unguarded.medianWindows,
        limit: `> ${mostCandidateWindows}`,
        passed: unguarded.medianWindows > mostCandidateWindows,
      },
    ],
  };
}

/** Largest rate still read as `nominal` at this many seeds. */
export function falseCommitLimit(seeds: number): number {
  return Math.round((nominal + 1.645 * Math.sqrt((nominal * (1 - nominal)) / seeds)) * 1e4) / 1e4;
}

function falseCommits(name: string, world: World, design: Partial<TrialDesign>, seeds: number): WorldRow {
  const commits = seedsOf(seeds).filter((seed) => {
    const { trigger } = runTrial(world, design, seed).result;
    return meaningOf(trigger).keeps !== null;
  });
  return atMost(`${name}: false commits`, commits.length / seeds, falseCommitLimit(seeds));
}

/** Reverted by proof or breaker: running out of pairs or time is not counted. */
function harm(
  seeds: number,
  design: Partial<TrialDesign>,
): { readonly reverted: number; readonly medianWindows: number } {
  const results = seedsOf(seeds).map((seed) => runTrial(harmWorld, design, seed).result);
  const reverted = results.filter(({ trigger }) => meaningOf(trigger).harms);
  const windows = results.map((result) => result.windows.candidate).sort((a, b) => a - b);
  return { reverted: reverted.length / seeds, medianWindows: windows[Math.floor(windows.length / 2)] ?? Infinity };
}

function seedsOf(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function atMost(name: string, value: number, limit: number): WorldRow {
  return { name, value, limit: `≤ ${limit}`, passed: value <= limit };
}

function atLeast(name: string, value: number, limit: number): WorldRow {
  return { name, value, limit: `≥ ${limit}`, passed: value >= limit };
}
