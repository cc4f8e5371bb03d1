/**
 * Words the story and the status share. Numbers and settings are worded in ../../words/, so that the
 * terminal and the report say the same.
 */
import type { Interval, KnobSpec, Objective, Settings } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { bounded } from '../../words/bounds.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { intervalText, rangeText } from '../../words/numbers.ts';
import { sessionInView, type ViewState } from './state.ts';

/** 'goodput +412 % (99 % interval +380…+450 %)': the change of the metric an effect stands for. */
export function effectText(objective: Objective, effect: Interval): string {
  return `${metricName(objective.metric)} ${intervalText(changeOf(objective, effect))}`;
}

/** '+380…+450 %' of the metric. */
export function effectRange(objective: Objective, effect: Interval): string {
  const change = changeOf(objective, effect);
  return rangeText(change.low, change.high);
}

export function valueOfMetric(objective: Objective, value: number): string {
  return metricText(objective.metric, value);
}

function changeOf({ direction }: Objective, effect: Interval): Interval {
  return asMetricChange(bounded(effect) ?? effect, direction);
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
  const ids = Object.keys(settings).filter((id) => valueIn(settings, id) !== valueIn(other, id));
  return (ids.length === 0 ? Object.keys(settings) : ids).map((id) => `${id} ${valueIn(settings, id)}`).join(', ');
}

/** A setting that is not in force, by its difference from the one that is. */
export function otherThan(state: ViewState, settings: Settings): string {
  return differing(settings, sessionInView(state)?.inForce ?? {});
}

/** Where a setting in force comes from. */
export function sourceText(knob: KnobSpec, value: unknown, fixed: Settings): string {
  if (Object.hasOwn(fixed, knob.id)) return 'fixed by you: never moved';
  if (value === knob.defaultValue) return `the default (${knob.source})`;
  return `configured, kept or set by hand; the default is ${knob.defaultValue} (${knob.source})`;
}
