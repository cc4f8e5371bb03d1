/**
 * Every setting that was measured on purpose: baseline, probes, candidates of trials, sweeps. Each
 * point has its own kind of whisker, and says which; nothing is estimated between points.
 *
 * Points of different times are compared by nothing but what each was measured in turns with: a probe by
 * the windows beside it, a trial by its own baseline, a sweep by its first point. `multiple` follows these
 * from the start to the point. What was compared by another metric than the goal's, while that one told no two settings
 * apart, is none of them.
 */
import type { Settings } from '../../../src/contracts.ts';
import { settingsKey, startOf } from '../../../tuner/entries/settings.ts';
import type { SessionHistory, SessionWindows } from '../../../tuner/history.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { bounded } from '../../words/bounds.ts';
import { levelText } from '../../words/numbers.ts';
import type { PointData } from '../data.ts';

type Measured = Omit<PointData, 'multiple'>;

/** With the keys of its settings and of those it was measured beside, each made once: there is one a trial. */
interface KeyedPoint {
  readonly point: Measured;
  readonly at: string;
  readonly from: string | null;
}

export function pointData(session: SessionHistory, windows: SessionWindows): PointData[] {
  const start = settingsKey(startOf(session.entry));
  const measured = [
    ...baselinePoint(session),
    ...probePoints(session, windows),
    ...trialPoints(session),
    ...sweepPoints(session),
  ].filter((one) => Number.isFinite(one.value));
  const keys = new Map<Settings, string>();
  const keyed = measured.map((one) => keyedPoint(one, keys));
  const levels = new Map([[start, 1]]);
  // Each comparison leads both ways, and they are followed until nothing new is reached.
  for (let known = 0; known < levels.size; ) {
    known = levels.size;
    for (const { point, at, from } of keyed) {
      const { beside, value } = point;
      if (!beside || from === null) continue;
      const [before, after] = [levels.get(from), levels.get(at)];
      if (before !== undefined && after === undefined) levels.set(at, (before * value) / beside.value);
      if (before === undefined && after !== undefined) levels.set(from, (after * beside.value) / value);
    }
  }
  return keyed.map((one) => ({ ...one.point, multiple: multipleOf(one, levels, start) }));
}

/** @param keys of the settings that were met already: one object stands in many entries of a session */
function keyedPoint(point: Measured, keys: Map<Settings, string>): KeyedPoint {
  const keyOf = (settings: Settings): string => {
    const known = keys.get(settings);
    if (known !== undefined) return known;
    const key = settingsKey(settings);
    keys.set(settings, key);
    return key;
  };
  return { point, at: keyOf(point.settings), from: point.beside && keyOf(point.beside.settings) };
}

function multipleOf(
  { point: { beside, value, low, high }, at, from }: KeyedPoint,
  levels: ReadonlyMap<string, number>,
  start: string,
): PointData['multiple'] {
  const level = from === null ? (at === start ? 1 : undefined) : levels.get(from);
  const unit = (beside?.value ?? value) / (level ?? Number.NaN);
  const multiple = { value: value / unit, low: low / unit, high: high / unit };
  const isKnown = Number.isFinite(multiple.value) && Number.isFinite(multiple.low) && Number.isFinite(multiple.high);
  return isKnown ? multiple : null;
}

function baselinePoint({ baselines }: SessionHistory): readonly Measured[] {
  const baseline = baselines.find((one) => one.objective === undefined);
  if (!baseline) return [];
  const { settings, windows, metric } = baseline;
  return [
    {
      source: 'baseline',
      label: 'setting at the start',
      settings,
      windows,
      value: metric.estimate,
      low: metric.low,
      high: metric.high,
      whisker: `${levelText(metric.level)} interval of the mean`,
      beside: null,
    },
  ];
}

function probePoints({ probes }: SessionHistory, windows: SessionWindows): readonly Measured[] {
  return probes.flatMap(({ settings, from, learns }, i) => {
    const { baseline = [], candidate = [] } = windows.probes[i] ?? {};
    if (candidate.length === 0) return [];
    return {
      source: 'probe' as const,
      label: learns,
      settings,
      value: mean(candidate),
      low: Math.min(...candidate),
      high: Math.max(...candidate),
      windows: candidate.length,
      whisker: 'lowest and highest window',
      beside: baseline.length > 0 ? { settings: from, value: mean(baseline) } : null,
    };
  });
}

function trialPoints({ entry, trials }: SessionHistory): readonly Measured[] {
  const whiskerOf = whiskersOfEffects();
  const points: Measured[] = [];
  for (const trial of trials) {
    const { result } = trial;
    if (!result || trial.purpose !== 'candidate' || result.pairs === 0) continue;
    if (trial.design.goal.objective.metric !== entry.goal.objective.metric) continue;
    const { metric, effect } = result;
    const { direction } = trial.design.goal.objective;
    const turned = (change: number) =>
      direction === 'maximize' ? metric.baseline * (1 + change) : metric.baseline / (1 + change);
    const ends = bounded(effect);
    const known = ends !== null && ends.low > -1 && Number.isFinite(ends.high);
    const [one, other] = known ? [turned(ends.low), turned(ends.high)] : [metric.candidate, metric.candidate];
    points.push({
      source: 'trial',
      label: `trial ${trial.trial}`,
      settings: trial.candidate,
      windows: result.windows.candidate,
      value: metric.candidate,
      low: Math.min(one, other, metric.candidate),
      high: Math.max(one, other, metric.candidate),
      whisker: known ? whiskerOf(effect.level) : 'none, too few pairs to bound the effect',
      beside: { settings: trial.baseline, value: metric.baseline },
    });
  }
  return points;
}

/** The words for an interval of some level, made once for all the trials of a session that have it. */
function whiskersOfEffects(): (level: number) => string {
  const words = new Map<number, string>();
  return (level) => {
    const known = words.get(level) ?? `${levelText(level)} interval of the effect, on the baseline of its trial`;
    words.set(level, known);
    return known;
  };
}

function sweepPoints({ sweeps }: SessionHistory): readonly Measured[] {
  return sweeps.flatMap(({ title, points }) => {
    const [first] = points;
    return points.map(({ settings, metric, windows }) => ({
      source: 'sweep' as const,
      label: title,
      settings,
      windows,
      value: metric.estimate,
      ...(windows > 1
        ? { low: metric.low, high: metric.high, whisker: `${levelText(metric.level)} interval of the mean` }
        : { low: metric.estimate, high: metric.estimate, whisker: 'none, one window' }),
      beside: first ? { settings: first.settings, value: first.metric.estimate } : null,
    }));
  });
}
