/** The metric of a goal: its name, its values, and which way a change of it goes. */
import type { Goal, Interval } from '../../src/contracts.ts';
import { countText, durationText } from '../../src/foundation/units.ts';

type Metric = Goal['objective']['metric'];

/**
 * The change of the metric that an effect stands for. An effect is + when better; a metric to be
 * minimised that got 1 + effect times better is 1 / (1 + effect) of what it was.
 */
export function asMetricChange(effect: Interval, direction: 'maximize' | 'minimize'): Interval {
  if (direction === 'maximize') return effect;
  const turned = (value: number) => (value <= -1 ? Infinity : 1 / (1 + value) - 1);
  return { estimate: turned(effect.estimate), low: turned(effect.high), high: turned(effect.low), level: effect.level };
}

/** A value of the metric: '14.8 k/s', '12.4 ms'. */
export function metricText(metric: Metric, value: number): string {
  if (!Number.isFinite(value)) return 'not known';
  return metric === 'goodput' || metric === 'throughput' ? `${countText(value)}/s` : durationText(value);
}

/** 'goodput', 'mean latency', 'CPU per call'. */
export function metricName(metric: Metric): string {
  return { goodput: 'goodput', throughput: 'throughput', mean: 'mean latency', cpu: 'CPU per call' }[metric];
}

/** What the metric counts. */
export function objectiveText(goal: Goal): string {
  const { objective } = goal;
  switch (objective.metric) {
    case 'goodput':
      return `goodput: ok calls with latency within ${durationText(objective.sloMs)}, per second`;
    case 'throughput':
      return 'throughput: ok calls per second';
    case 'mean':
      return 'mean latency from the intended start, to be made smaller';
    case 'cpu':
      return 'CPU time per call, to be made smaller';
  }
}
