/**
 * The budget of false commits: each trial of a candidate spends the level at which it may commit, and
 * the levels spent within a day stay below `falseCommitsPerDay`. A trial that commits nothing gives a part back. While a session runs, the day is
 * counted on the session's own clock, which nobody can step.
 *
 * Half of a tenth by default. Of the levels spent four to nine tenths become false commits (4,000 trials a null), and in
 * a null that has a model propose something every hour (a slow leak) all of the budget is spent: of a tenth a day as much
 * as 0.09 a day would come, of which 60 days could not show that it is below a tenth. The first four trials of a day have
 * the whole level as before, and each later one takes a pair more.
 */
import type { TrialDesign } from '../entries/entries.ts';
import { logEValue } from './e-value.ts';

export interface Spent {
  /** When its trial began: Unix ms in a ledger, ms on the session's own clock while it runs. */
  readonly atMs: number;
  readonly alpha: number;
}

type Level = Pick<TrialDesign, 'commitAlpha' | 'sigmaD' | 'cheaper' | 'revertAt'>;

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
 * What a trial that ends without a commit gives back of its level α: α · min(1, E), where E is its evidence for what
 * would have been committed. Where nothing is better, E is 1 on average whenever a trial ends, and a commit takes
 * E ≥ 1/α, so that a trial commits with a chance of at most α · (1 − mean of E over the ends without one): what is
 * kept of the levels bounds the false commits as the whole levels do. A trial without a pair gives back all.
 * @see Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference", 2023, §2: optional stopping
 */
export function givenBack({ commitAlpha, sigmaD, cheaper, revertAt }: Level, d: readonly number[]): number {
  if (d.length === 0) return commitAlpha;
  // What is cheaper is kept as soon as it is proven not worse, so that the null is a loss of `revertAt`.
  const delta0 = cheaper ? Math.log1p(revertAt) : 0;
  return commitAlpha * Math.min(1, Math.exp(logEValue(d, delta0, sigmaD, 'greater')));
}

/** Of the level that the newest of `spent` is, which the trial spent: what remains of all, and what is given back. */
export function afterGivingBack(
  spent: readonly Spent[],
  { design, pairs }: { readonly design: Level; readonly pairs: readonly { readonly d: number }[] },
): { readonly spent: readonly Spent[]; readonly back: number } {
  const last = spent.at(-1);
  if (!last) return { spent, back: 0 };
  const back = givenBack(
    design,
    pairs.map((pair) => pair.d),
  );
  const alpha = last.alpha - back;
  return { spent: [...spent.slice(0, -1), ...(alpha > 0 ? [{ ...last, alpha }] : [])], back };
}
