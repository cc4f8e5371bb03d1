/**
 * The budget of false commits: each trial of a candidate spends the level at which it may commit, and
 * the levels spent within a day stay below `falseCommitsPerDay`. While a session runs, the day is
 * counted on the session's own clock, which nobody can step.
 */
import type { Trigger } from '../entries/entries.ts';
import { triggers } from '../entries/triggers.ts';

export interface Spent {
  /** When its trial began: Unix ms in a ledger, ms on the session's own clock while it runs. */
  readonly atMs: number;
  readonly alpha: number;
}

const dayMs = 86_400_000;

/** Half of what remains of the day's budget, so that the budget is never used up; at most `alpha`. */
export function commitAlphaOf(
  spent: readonly Spent[],
  nowMs: number,
  { alpha, falseCommitsPerDay }: { readonly alpha: number; readonly falseCommitsPerDay: number },
): number {
  const today = withinDay(spent, nowMs).reduce((sum, one) => sum + one.alpha, 0);
  return Math.max(1e-9, Math.min(alpha, (falseCommitsPerDay - today) / 2));
}

/** @param nowMs on the clock of `spent` */
export function withinDay(spent: readonly Spent[], nowMs: number): readonly Spent[] {
  return spent.filter((one) => isOfToday(one.atMs, nowMs));
}

/** Less than a day before `nowMs`. */
export function isOfToday(atMs: number, nowMs: number): boolean {
  return nowMs - atMs < dayMs;
}

/**
 * True for a trial that has spent its level. A trial that ended before its first pair, for a reason
 * that is no evidence, could not have committed anything and spends nothing.
 * @param trigger null: the trial was cut off
 */
export function hasSpent(trigger: Trigger | null, pairs: number): boolean {
  return pairs > 0 || (trigger !== null && triggers[trigger].judgedBy !== null);
}
