/**
 * What a sweep saw better than a setting that is in force or recommended: measured in turns with it, its interval
 * clear of the other's, and judged by no trial. A report that recommends a setting says so beside it, because who
 * reads the sweep alone would ask.
 */
import type { Interval, Settings } from '../../../src/contracts.ts';
import type { SweepPoint } from '../../../tuner/entries/entries.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { isJudged, type SessionHistory, type TrialHistory } from '../../../tuner/history.ts';
import { metricName, metricText } from '../../words/metric.ts';
import { changedKnobs, settingsText } from '../../words/settings.ts';
import { claiming, type Statement } from './statement.ts';

export interface BetterPoint {
  readonly best: SweepPoint;
  /** The point of the setting it is better than, in the same sweep. */
  readonly than: SweepPoint;
  /** The number of the entry that has the sweep. */
  readonly entryNumber: number;
}

/** The best such point of the newest sweep that has one. Null where none does, or none measured `settings`. */
export function betterInSweep(session: SessionHistory, settings: Settings): BetterPoint | null {
  const { direction } = session.entry.goal.objective;
  const better = (a: Interval, b: Interval) => (direction === 'maximize' ? a.low > b.high : a.high < b.low);
  const sign = direction === 'maximize' ? -1 : 1;
  const judged = changesJudged(session);
  for (const { points, entryNumber } of session.sweeps.toReversed()) {
    const than = points.find((one) => one.windows > 1 && sameSettings(one.settings, settings));
    const [best] = points
      .filter((one) => than && one.windows > 1 && better(one.metric, than.metric))
      .filter((one) => !judged.some(({ candidate }) => sameSettings(candidate, one.settings)))
      .toSorted((a, b) => sign * (a.metric.estimate - b.metric.estimate));
    if (than && best) return { best, than, entryNumber };
  }
  return null;
}

/** 'a sweep found batchSize 64 clearly better, 44.0 k/s against 13.0 k/s goodput'. */
export function sweptStatement(session: SessionHistory, settings: Settings, better: BetterPoint): Statement {
  const { best, than, entryNumber } = better;
  const { metric } = session.entry.goal.objective;
  const named = settingsText(best.settings, changedKnobs(settings, best.settings));
  const [from, to] = [than.metric.estimate, best.metric.estimate];
  return claiming(
    'swept',
    `a sweep found ${named} clearly better, ${metricText(metric, to)} against ${metricText(metric, from)} ${metricName(metric)}`,
    { than: from, best: to },
    [entryNumber],
  );
}

/** Trials of a change that came to a verdict on evidence. */
export function changesJudged(session: SessionHistory): readonly TrialHistory[] {
  return session.trials.filter((one) => one.purpose === 'candidate' && isJudged(one));
}
