/**
 * How much the chosen setting gains over the start, from the best evidence there is:
 *
 *   a sweep that visited both in turns ─▶ its interval, its own two values
 *   one trial proven better            ─▶ its effect, its own two arms, what its hold-back saw
 *   several                            ─▶ the product of their effects; no values, none were compared
 *
 * A trial whose candidate was kept for being as good and cheaper is no gain: it counts only where
 * no other does.
 */
import type { Interval, Objective, Settings } from '../../../src/contracts.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { holdBackOf, type SessionHistory, type TrialHistory } from '../../../tuner/history.ts';
import { bounded } from '../../words/bounds.ts';
import { asMetricChange } from '../../words/metric.ts';
import type { GainData } from '../data.ts';

/** What is in force after these trials. */
export function settingsAfter(start: Settings, chain: readonly TrialHistory[]): Settings {
  return chain.at(-1)?.candidate ?? start;
}

/** Null when nothing was chosen, or the effect of a trial that counts is not known. */
export function gainOf(session: SessionHistory, start: Settings, chain: readonly TrialHistory[]): GainData | null {
  const counted = countedIn(chain);
  const results = counted.flatMap((one) => one.result ?? []);
  if (results.length === 0 || results.length < counted.length) return null;
  const { objective } = session.entry.goal;
  const counts = {
    trials: counted.map((one) => one.trial),
    pairs: results.reduce((sum, result) => sum + result.pairs, 0),
  };
  const swept = sideBySide(session, start, settingsAfter(start, chain));
  if (swept) return { ...swept, ...counts, metric: agreeing(swept, objective), again: null };
  const effects = results.flatMap((result) => bounded(result.effect) ?? []);
  const [effect] = effects;
  const [result] = results;
  if (!effect || !result || effects.length < results.length) return null;
  if (results.length > 1) return { ...counts, effect: product(effects), source: 'trials', metric: null, again: null };
  const metric = { start: result.metric.baseline, chosen: result.metric.candidate };
  return {
    ...counts,
    effect,
    source: 'trials',
    metric: agreeing({ effect, metric }, objective),
    again: seenAgain(session, counted[0]),
  };
}

/** The trials whose effects make the gain: those proven better, or, where none was, those as good for less. */
export function countedIn(chain: readonly TrialHistory[]): readonly TrialHistory[] {
  const better = chain.filter((one) => !isSaving(one));
  return better.length > 0 ? better : chain;
}

/** True for a trial whose candidate was kept for being as good and cheaper. */
export function isSaving({ result }: TrialHistory): boolean {
  return result !== null && triggers[result.trigger].keeps === 'saving';
}

/** The last sweep of several rounds that began each with the start and knows the gain of the chosen. */
function sideBySide(
  { sweeps }: SessionHistory,
  start: Settings,
  chosen: Settings,
): (Pick<GainData, 'effect' | 'source'> & { readonly metric: NonNullable<GainData['metric']> }) | null {
  for (const { points } of sweeps.toReversed()) {
    const [first] = points;
    if (!first || first.windows < 2 || !sameSettings({ ...start, ...first.settings }, start)) continue;
    const point = points.find((one) => one !== first && sameSettings({ ...start, ...one.settings }, chosen));
    const effect = bounded(point?.gain ?? null);
    if (point && effect)
      return {
        effect,
        source: 'side by side',
        metric: { start: first.metric.estimate, chosen: point.metric.estimate },
      };
  }
  return null;
}

/** The two values, unless their ratio lies outside the effect's interval: a ratio of means may differ from the mean of ratios. */
function agreeing(
  { effect, metric }: { readonly effect: Interval; readonly metric: NonNullable<GainData['metric']> },
  { direction }: Objective,
): GainData['metric'] {
  const seen = metric.chosen / metric.start - 1;
  const { low, high } = asMetricChange(effect, direction);
  return low <= seen && seen <= high ? metric : null;
}

/** What the pairs of the hold-back showed of the same change. They are free of the selection that made the first effect look large. */
function seenAgain(session: SessionHistory, commit: TrialHistory | undefined): Interval | null {
  const result = commit && holdBackOf(session, commit)?.result;
  return result && result.pairs > 0 ? bounded(result.effect) : null;
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
