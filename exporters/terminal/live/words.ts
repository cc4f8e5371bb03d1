/**
 * Words the story and the status share. Numbers are worded by ../../report/words.ts, so that the
 * terminal and the report say the same.
 */
import type { Interval, KnobSpec, Objective, Settings } from '../../../src/contracts.ts';
import { unboundedHigh } from '../../../tuner/trial/e-value.ts';
import { asMetricChange, intervalText, metricName, metricText, rangeText } from '../../report/words.ts';
import { sessionInView, type ViewState } from './state.ts';

/** 'goodput +412 % (99 % interval +380…+450 %)': the change of the metric an effect stands for. */
export function effectText(objective: Objective, effect: Interval): string {
  return `${metricName(objective.metric)} ${intervalText(asMetricChange(opened(effect), objective.direction))}`;
}

/** '+380…+450 %' of the metric. */
export function effectRange(objective: Objective, effect: Interval): string {
  const change = asMetricChange(opened(effect), objective.direction);
  return rangeText(change.low, change.high);
}

export function valueOfMetric(objective: Objective, value: number): string {
  return metricText(objective.metric, value);
}

/** Ends that stand for 'not rejected however far' become infinite again: JSON has no infinity. */
function opened(effect: Interval): Interval {
  if (effect.high < unboundedHigh) return effect;
  return { ...effect, high: Infinity, low: effect.low <= -1 ? -Infinity : effect.low };
}

/** What a taller block of the strip stands for. */
export function tallerText({ metric }: Objective): string {
  switch (metric) {
    case 'goodput':
      return 'taller: more ok calls in time';
    case 'throughput':
      return 'taller: more calls a second';
    case 'mean':
      return 'taller: longer latency';
    case 'cpu':
      return 'taller: more CPU a call';
  }
}

/** 'threads 2': of `settings`, the knobs in which it differs from `other`; all when none does. */
export function differing(settings: Settings, other: Settings): string {
  const ids = Object.keys(settings).filter((id) => settings[id] !== other[id]);
  return (ids.length === 0 ? Object.keys(settings) : ids).map((id) => `${id} ${settings[id]}`).join(', ');
}

/** A setting that is not in force, by its difference from the one that is. */
export function otherThan(state: ViewState, settings: Settings): string {
  return differing(settings, sessionInView(state)?.inForce ?? {});
}

/** Where a setting in force comes from. */
export function sourceText(knob: KnobSpec, value: unknown, fixed: Settings): string {
  if (knob.id in fixed) return 'fixed by you: never moved';
  if (value === knob.defaultValue) return knob.source;
  return `configured or kept; the default is ${knob.defaultValue} (${knob.source})`;
}
