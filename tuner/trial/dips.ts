/**
 * Windows that dip where nothing was changed. Where a neighbour now and then takes half of the machine, two windows of
 * the candidate in a row are hit while those beside them are spared often enough: of trials that compared a setting with
 * itself, the breaker of drops ended 5.5 % under bursts that hit one window in four. So many drops in a row as could be
 * met by chance say nothing, and how many those are the windows at the setting before tell.
 *
 *   windows at the setting before, each against its neighbours ── dipsIn ──▶ how many dipped, of how many
 *   those of the reference, those of the trial ── dropsToBlame ──▶ drops in a row that no such dips explain
 *
 * Simulated (200 and 400 trials each, ended by a breaker without this file │ with it):
 *
 *   of nothing, bursts (bench/worlds/arms.ts) │ null-bursty     5.5 │ 0.8 %,  7.0 │ 2.0 %
 *   of + 5 %, the same bursts                                   4.0 │ 2.3 %
 *   windows of a candidate at −20 %, p90 │ at −10 %, p90        4 │ 4,  12 │ 12, and among bursts 20 │ 21
 */
import type { Window } from '../../src/contracts.ts';
import type { TrialDesign } from '../entries/entries.ts';
import { differenceIn } from './arrivals.ts';
import { mean, median } from './statistics.ts';

export interface Dips {
  readonly count: number;
  /** Windows that were looked at. */
  readonly of: number;
}

/** A drop of the log that counts as a dip is at least as large as one that a breaker counts: a tenth, and 2.5 σ_d. */
export const smallestDrop = -Math.log1p(-0.1);
export const dropSigmas = 2.5;
/** σ of a normal variable over the median of its distance from 0. */
const perMedian = 1.4826;
/** Chance of as many dips in a row by which nobody is blamed. */
const chance = 0.001;
/** Windows without a dip that are taken to have been seen before any: with fewer, two drops in a row would never do. */
const prior: Dips = { count: 0.5, of: 11 };
const fewest = 2;
/** However often windows dip: so many in a row, all with a baseline that did better beside them, are no chance. */
const most = 6;

/**
 * σ of a pair of them is taken from the median distance of neighbours: dips are what is to be counted, and a σ that
 * they are part of would hide them.
 * @param windows of one setting, in their order
 */
export function dipsIn(design: Pick<TrialDesign, 'goal' | 'perArrival'>, windows: readonly Window[]): Dips {
  const ratio = (one: Window | undefined, window: Window) => (one ? (differenceIn(design, one, window) ?? []) : []);
  const steps = windows.flatMap((window, i) => ratio(windows[i - 1], window));
  const limit = Math.max(smallestDrop, dropSigmas * perMedian * median(steps.map(Math.abs), 0));
  const changes = windows.flatMap((window, i) => {
    const ratios = [windows[i - 1], windows[i + 1]].flatMap((one) => ratio(one, window));
    return ratios.length === 0 ? [] : [mean(ratios)];
  });
  return { count: changes.filter((one) => one < -limit).length, of: changes.length };
}

/** How many drops in a row it takes to blame a candidate. */
export function dropsToBlame(...seen: readonly Dips[]): number {
  const count = seen.reduce((sum, one) => sum + one.count, prior.count);
  const of = seen.reduce((sum, one) => sum + one.of, prior.of);
  return Math.max(fewest, Math.min(most, Math.ceil(Math.log(chance) / Math.log(count / of))));
}
