/** Numbers read from laps: means over seeds, one rule in one world, and what follows from these over worlds. */
import { mean } from '../../tuner/trial/statistics.ts';
import type { Worth } from '../worlds/score.ts';
import type { ByWorld } from './bootstrap.ts';
import { type Lap, ours, type RuleRun } from './lap.ts';

/** Of a world in which the default is worth more of the best, nothing is to be won. */
const null95 = 0.99;

export type Laps = ByWorld<Lap>;

export type Part = 'whole' | 'finalThird';

/** Mean over the seeds on which the rule ran; NaN where it did not. */
export function meanIn(laps: readonly Lap[], rule: string, value: (run: RuleRun) => number): number {
  return mean(laps.flatMap(({ runs }) => (runs[rule] ? [value(runs[rule])] : [])));
}

export function worthIn(laps: readonly Lap[], rule: string, of: keyof Worth, part: Part = 'whole'): number {
  return meanIn(laps, rule, (run) => run[part][of]);
}

/** All but ours, in any world. */
export function peersIn(laps: Laps): readonly string[] {
  return [...new Set([...laps.values()].flat().flatMap(({ runs }) => Object.keys(runs)))].filter(
    (rule) => rule !== ours,
  );
}

export function isNull(laps: readonly Lap[]): boolean {
  return worthIn(laps, ours, 'defaultOfBest') >= null95;
}

/** 1 − share of the best at each moment, over the whole run: mean over worlds in which the rule ran. */
export function regretOf(laps: Laps, rule: string): number {
  return mean(
    [...laps.values()].map((one) => 1 - worthIn(one, rule, 'ofBest')).filter((regret) => !Number.isNaN(regret)),
  );
}

export function where(laps: Laps, holds: (one: readonly Lap[]) => boolean): Laps {
  return new Map([...laps].filter(([, one]) => holds(one)));
}

/**
 * How ours stands among all: none where no peer did better over the whole run, by however little. A peer that takes long
 * runs on some of the seeds only, and is held against ours on these: others may be easier worlds.
 */
export function peersAhead(laps: readonly Lap[]): readonly string[] {
  return peersIn(new Map([['', laps]])).filter((peer) => {
    const both = laps.filter(({ runs }) => runs[peer]);
    return worthIn(both, peer, 'ofBest') > worthIn(both, ours, 'ofBest');
  });
}

export function isWorst(laps: readonly Lap[]): boolean {
  const ran = peersIn(new Map([['', laps]]));
  return ran.length > 0 && peersAhead(laps).length === ran.length;
}
