/**
 * What a change of a knob costs, seen where a probe came back: at the setting in force, of which the level is known,
 * the first windows after the change show how far calls fall below it, and for how long (flips of trials: flip-cost.ts). Caches that are filled
 * again and pools that grow anew look so where keeping a setting warm does not spare it.
 *
 *   windows at the setting in force, from the change on ─▶ below the level? ─ until back ─▶ { washMs, lostMs }
 *
 * A setting that was visited meanwhile has shown nothing but its own change: without this a knob that gains half as
 * much again once two seconds have passed was found worse, and never tried again. Trials discard as long (STATISTICS
 * §1: without `keepWarm` the wash-out is as long as the refill), and make windows as long at least, so that half of
 * their time counts. Of two settings that promise as much the one is taken whose change costs less.
 */
import type { Objective, Settings, Window } from '../../src/contracts.ts';
import { changes } from '../entries/settings.ts';
import { objectiveOf } from './metric.ts';
import { median } from './statistics.ts';

/** Of one knob. 0: its change was looked at and costs nothing that could be seen. */
export interface ChangeCost {
  /** From the change until calls are as they were. */
  readonly washMs: number;
  /** Calls that were missing, as milliseconds at the usual level. */
  readonly lostMs: number;
}

export type ChangeCosts = Readonly<Record<string, ChangeCost>>;

/** Windows below the level by less are back, however quiet it is; and in σ of a pair. */
const back = { log: 0.05, sigmas: 2 } as const;
/** A level that is not back after so long is another one. */
const mostMs = 20_000;
/** What lasts no longer is within what is thrown away after every change. */
const leastMs = 50;

/**
 * The cost that windows after a change show; null: it is not over yet, or nothing can be compared.
 * @param usual windows at the same setting from before
 * @param after windows there since the change, oldest first
 * @param changedAtMs on the clock of the windows
 * @returns 'another level' where it does not come back
 */
export function costSeen(
  usual: readonly Window[],
  after: readonly Window[],
  changedAtMs: number,
  { objective, sigmaD }: { readonly objective: Objective; readonly sigmaD: number },
): ChangeCost | 'another level' | null {
  const level = median(usual.flatMap((window) => logOf(objective, window) ?? []));
  const newest = after.at(-1);
  if (!newest || !Number.isFinite(level)) return null;
  const missing = (window: Window) => level - (logOf(objective, window) ?? -Infinity);
  const margin = Math.max(back.log, back.sigmas * sigmaD);
  if (missing(newest) > margin) return newest.endMs - changedAtMs > mostMs ? 'another level' : null;
  if (after.length === 1) return { washMs: 0, lostMs: 0 };
  const lost = after.slice(0, -1).map((window) => {
    const share = Math.min(1, Math.max(0, -Math.expm1(-missing(window))));
    return share * (window.endMs - window.startMs);
  });
  return { washMs: newest.startMs - changedAtMs, lostMs: lost.reduce((sum, ms) => sum + ms, 0) };
}

/** What is believed of a cost that was waited out and not seen: half of it, and in the end none. */
export function eased({ washMs, lostMs }: ChangeCost): ChangeCost {
  return washMs / 2 < leastMs ? { washMs: 0, lostMs: 0 } : { washMs: washMs / 2, lostMs: lostMs / 2 };
}

/** The knobs that differ and whose change nobody has looked at. */
export function unknownCosts(costs: ChangeCosts, from: Settings, to: Settings): readonly string[] {
  return changes(from, to).flatMap(([id]) => (Object.hasOwn(costs, id) ? [] : [id]));
}

/** Time to wait after a change from one setting to the other. */
export function washOf(costs: ChangeCosts, from: Settings, to: Settings): number {
  return Math.max(0, ...changes(from, to).map(([id]) => costs[id]?.washMs ?? 0));
}

/** Calls that a change from one setting to the other loses, as milliseconds at the usual level. */
export function lossOf(costs: ChangeCosts, from: Settings, to: Settings): number {
  return changes(from, to).reduce((sum, [id]) => sum + (costs[id]?.lostMs ?? 0), 0);
}

/** log of the objective, + is better; null where there is none. */
function logOf(objective: Objective, window: Window): number | null {
  const value = objectiveOf(objective, window);
  if (value === null || !(value > 0)) return null;
  return objective.direction === 'maximize' ? Math.log(value) : -Math.log(value);
}
