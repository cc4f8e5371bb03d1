/**
 * How much the chosen setting gains over the start, from the best evidence there is:
 *
 *   one trial that its hold-back saw again ─▶ the engine over the pairs of both, the means of their arms
 *   a sweep that visited both in turns     ─▶ its interval, its own two values
 *   one trial                              ─▶ its effect, its own two arms
 *   several                                ─▶ the product of their effects; no values, none were compared
 *
 * The pairs of a hold-back are free of the selection that makes a first effect look large. The interval
 * speaks of most pairs, the two means of all their calls: where they disagree, both are shown.
 *
 * A trial whose candidate was kept for being as good and cheaper is no gain: it counts only where
 * no other does.
 */
import type { Interval, Objective, Settings } from '../../../src/contracts.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { holdBackOf, type SessionHistory, type TrialHistory } from '../../../tuner/history.ts';
import { interval } from '../../../tuner/trial/e-value.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { bounded } from '../../words/bounds.ts';
import type { GainData } from '../data.ts';

/** What is in force after these trials. */
export function settingsAfter(start: Settings, chain: readonly TrialHistory[]): Settings {
  return chain.at(-1)?.candidate ?? start;
}

/** The effect of one trial from all its pairs, and the means of its arms. */
interface Evidence {
  readonly effect: Interval;
  readonly metric: NonNullable<GainData['metric']>;
  readonly holdBackPairs: number;
  readonly again: Interval | null;
  readonly entries: readonly number[];
}

/** Null when nothing was chosen, or the effect of a trial that counts is not known. */
export function gainOf(session: SessionHistory, start: Settings, chain: readonly TrialHistory[]): GainData | null {
  const counted = countedIn(chain);
  const evidence = counted.flatMap((one) => evidenceOf(session, one) ?? []);
  const [first] = evidence;
  if (!first || evidence.length < counted.length) return null;
  const counts = {
    trials: counted.map((one) => one.trial),
    pairs: counted.reduce((sum, { result }) => sum + (result?.pairs ?? 0), 0),
    holdBackPairs: evidence.reduce((sum, one) => sum + one.holdBackPairs, 0),
  };
  const ofOneTrial = { ...counts, ...first, source: 'trials', ratio: ratioOf(first.metric) } as const;
  if (evidence.length === 1 && first.holdBackPairs > 0) return ofOneTrial;
  const swept = sideBySide(session, start, settingsAfter(start, chain));
  if (swept) return { ...counts, ...swept, holdBackPairs: 0, again: null, ratio: ratioOf(swept.metric) };
  if (evidence.length === 1) return ofOneTrial;
  const entries = evidence.flatMap((one) => one.entries);
  const effect = product(evidence.map((one) => one.effect));
  return { ...counts, effect, source: 'trials', metric: null, ratio: null, again: null, entries };
}

/**
 * The trials whose effects make the gain: those proven better, or, where none was, those as good for less; of these the
 * ones judged by what the last of them was, since effects on two objectives do not multiply.
 */
export function countedIn(chain: readonly TrialHistory[]): readonly TrialHistory[] {
  const better = chain.filter((one) => !isSaving(one));
  const counted = better.length > 0 ? better : chain;
  const metric = counted.at(-1)?.design.goal.objective.metric;
  return counted.filter((one) => one.design.goal.objective.metric === metric);
}

/** What the gain is a gain of: that of the goal, or what stood in for it while it could not be judged. */
export function gainedIn({ entry, trials }: SessionHistory, gain: GainData | null): Objective {
  const last = gain && trials.find(({ trial }) => trial === gain.trials.at(-1));
  return last?.design.goal.objective ?? entry.goal.objective;
}

/** True for a trial whose candidate was kept for being as good and cheaper. */
export function isSaving({ result }: TrialHistory): boolean {
  return result !== null && triggers[result.trigger].keeps === 'saving';
}

function evidenceOf(session: SessionHistory, trial: TrialHistory): Evidence | null {
  const { result, pairs, design } = trial;
  if (result === null) return null;
  const holdBack = holdBackOf(session, trial);
  const later = laterPairs(trial, holdBack);
  const own = bounded(result.effect);
  if (!own) return null;
  const entries = [trial.entryNumber, ...known(trial.verdictEntry)];
  const seen = holdBack?.result && holdBack.result.pairs > 0 ? holdBack.result.effect : later.at(-1)?.effect;
  const again = bounded(seen ?? null);
  if (!holdBack || later.length === 0) {
    const metric = { start: result.metric.baseline, chosen: result.metric.candidate };
    return { effect: own, metric, holdBackPairs: 0, again, entries };
  }
  const all = [...pairs, ...later];
  const effect = bounded(
    interval(
      all.map((one) => one.d),
      design.sigmaD,
      design.alpha,
    ),
  );
  const metric = { start: mean(all.map((one) => one.baseline)), chosen: mean(all.map((one) => one.candidate)) };
  const both = [...entries, holdBack.entryNumber, ...known(holdBack.verdictEntry)];
  return effect && { effect, metric, holdBackPairs: later.length, again, entries: both };
}

/** Those of its hold-back, where the ledger has all of its own; else none, for these would be taken for all of it. */
export function laterPairs({ pairs, result }: TrialHistory, holdBack: TrialHistory | null): TrialHistory['pairs'] {
  return holdBack && pairs.length === result?.pairs ? holdBack.pairs : [];
}

function known(entry: number | null): readonly number[] {
  return entry === null ? [] : [entry];
}

function ratioOf({ start, chosen }: NonNullable<GainData['metric']>): number | null {
  const ratio = chosen / start - 1;
  return Number.isFinite(ratio) ? ratio : null;
}

/** The last sweep of several rounds that began each with the start and knows the gain of the chosen. */
function sideBySide(
  { sweeps }: SessionHistory,
  start: Settings,
  chosen: Settings,
): (Pick<GainData, 'effect' | 'source' | 'entries'> & { readonly metric: NonNullable<GainData['metric']> }) | null {
  for (const { points, entryNumber } of sweeps.toReversed()) {
    const [first] = points;
    if (!first || first.windows < 2 || !sameSettings({ ...start, ...first.settings }, start)) continue;
    const point = points.find((one) => one !== first && sameSettings({ ...start, ...one.settings }, chosen));
    const effect = bounded(point?.gain ?? null);
    if (point && effect)
      return {
        effect,
        source: 'side by side',
        entries: [entryNumber],
        metric: { start: first.metric.estimate, chosen: point.metric.estimate },
      };
  }
  return null;
}

/** Effects in a row multiply; by the union bound all intervals hold at once at 1 − Σ(1 − level). */
function product(effects: readonly Interval[]): Interval {
  const times = (pick: (effect: Interval) => number) => effects.reduce((all, one) => all * (1 + pick(one)), 1) - 1;
  return {
    estimate: times((one) => one.estimate),
    low: times((one) => one.low),
    high: times((one) => one.high),
    level: 1 - effects.reduce((sum, one) => sum + 1 - one.level, 0),
  };
}
