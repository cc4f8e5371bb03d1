/**
 * Every setting that was measured on purpose: baseline, probes, candidates of trials, sweeps. Each
 * point has its own kind of whisker, and says which; nothing is estimated between points.
 */

import { sameSettings } from '../../../tuner/entries/settings.ts';
import type { SessionHistory, SessionWindows } from '../../../tuner/history.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { bounded } from '../../words/bounds.ts';
import { levelText } from '../../words/numbers.ts';
import type { PointData } from '../data.ts';

export function pointData(session: SessionHistory, windows: SessionWindows): PointData[] {
  const { objective } = session.entry.goal;
  const [baseline] = session.baselines;
  const points: PointData[] = [];
  if (baseline) {
    points.push({
      source: 'baseline',
      label: 'setting at the start',
      settings: baseline.settings,
      windows: baseline.windows,
      value: baseline.metric.estimate,
      low: baseline.metric.low,
      high: baseline.metric.high,
      whisker: `${levelText(baseline.metric.level)} interval of the mean`,
    });
  }
  for (const [i, probe] of session.probes.entries()) {
    const point = ofValues(windows.probes[i] ?? []);
    if (point)
      points.push({
        source: 'probe',
        label: probe.learns,
        settings: probe.settings,
        ...point,
        whisker: 'lowest and highest window',
      });
  }
  for (const trial of session.trials) {
    const { result } = trial;
    if (!result || trial.purpose !== 'candidate' || result.pairs === 0) continue;
    const { metric, effect } = result;
    const turned = (change: number) =>
      objective.direction === 'maximize' ? metric.baseline * (1 + change) : metric.baseline / (1 + change);
    if (!points.some((one) => sameSettings(one.settings, trial.baseline))) {
      points.push({
        source: 'trial',
        label: `trial ${trial.trial}, baseline`,
        settings: trial.baseline,
        windows: result.windows.baseline,
        value: metric.baseline,
        low: metric.baseline,
        high: metric.baseline,
        whisker: 'none: others are relative to it',
      });
    }
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
      whisker: known
        ? `${levelText(effect.level)} interval of the effect, on the baseline of its trial`
        : 'none: too few pairs to bound the effect',
    });
  }
  for (const sweep of session.sweeps) {
    for (const { settings, metric, windows } of sweep.points) {
      points.push({
        source: 'sweep',
        label: sweep.title,
        settings,
        windows,
        value: metric.estimate,
        ...(windows > 1
          ? { low: metric.low, high: metric.high, whisker: `${levelText(metric.level)} interval of the mean` }
          : { low: metric.estimate, high: metric.estimate, whisker: 'none: one window' }),
      });
    }
  }
  return points.filter((one) => Number.isFinite(one.value));
}

function ofValues(values: readonly number[]): Pick<PointData, 'value' | 'low' | 'high' | 'windows'> | null {
  if (values.length === 0) return null;
  return {
    value: mean(values),
    low: Math.min(...values),
    high: Math.max(...values),
    windows: values.length,
  };
}
