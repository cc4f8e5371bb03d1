/**
 * Numbers and settings as a reader wants them. The only place of a report where a fraction becomes
 * a percentage and an e-value becomes odds.
 */

import type { Goal, Interval, Settings, SettingValue } from '../../src/contracts.ts';
import { countText, durationText, percentText, shareText } from '../../src/foundation/units.ts';
import { changes } from '../../tuner/entries/settings.ts';
import { unboundedHigh } from '../../tuner/trial/e-value.ts';

export { shareText };

type Metric = Goal['objective']['metric'];

/** '+412 %', '−0.4 %'. */
export function changeText(fraction: number): string {
  if (!Number.isFinite(fraction)) return fraction > 0 ? 'unbounded' : 'not known';
  return percentText(fraction, digitsFor(fraction));
}

/** '+380…+450 %': both ends with the same number of digits. */
export function rangeText(low: number, high: number): string {
  // The engine writes its unbounded ends as numbers, so that they fit into JSON.
  if (high >= unboundedHigh)
    return low <= -1 ? 'no bounds yet' : `${percentText(low, digitsFor(Math.abs(low))).replace(' %', '')}…unbounded`;
  if (!(low > -1) && !Number.isFinite(high)) return 'no bounds yet';
  const digits = digitsFor(Math.max(Math.abs(finite(low)), Math.abs(finite(high))));
  const left = Number.isFinite(low) ? percentText(low, digits).replace(' %', '') : '−100';
  return `${left}…${Number.isFinite(high) ? percentText(high, digits) : 'unbounded'}`;
}

/** '+412 % (99 % interval +380…+450 %)'. */
export function intervalText(interval: Interval): string {
  return `${changeText(interval.estimate)} (${levelText(interval.level)} interval ${rangeText(interval.low, interval.high)})`;
}

/** '99 %', '98.5 %'. */
export function levelText(level: number): string {
  return shareText(level, Number.isInteger(Math.round(level * 1e4) / 100) ? 0 : 1);
}

/**
 * The change of the metric that an effect stands for. An effect is + when better; a metric to be
 * minimised that got 1 + effect times better is 1 / (1 + effect) of what it was.
 */
export function asMetricChange(effect: Interval, direction: 'maximize' | 'minimize'): Interval {
  if (direction === 'maximize') return effect;
  const turned = (value: number) => (value <= -1 ? Infinity : 1 / (1 + value) - 1);
  return { estimate: turned(effect.estimate), low: turned(effect.high), high: turned(effect.low), level: effect.level };
}

/**
 * What an e-value says, by Ville's inequality: under the null it reaches E with probability ≤ 1/E.
 * @see Ramdas et al., "Admissible anytime-valid sequential inference", arXiv 2009.03167, section 2
 */
export function oddsText(eValue: number): string {
  if (Number.isNaN(eValue)) return 'no evidence recorded';
  if (eValue < 2) return 'chance would show as much';
  if (eValue >= 1e9) return 'by chance less than once in a billion';
  return `by chance at most once in ${groupedText(eValue)}`;
}

/** '3,200', '1.2 million'. */
export function groupedText(value: number): string {
  if (value >= 1e6)
    return `${(value / 1e6).toPrecision(2)} million`.replace(
      /^(\d+(?:\.\d+)?)e\+(\d)/,
      (_, m: string, e: string) => `${Number(m) * 10 ** Number(e)}`,
    );
  const rounded = value >= 100 ? Number(value.toPrecision(2)) : Math.floor(value);
  return String(rounded).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** An integer in full, with separators. */
export function wholeText(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 'batchSize 64, threads 2'; 'nothing set' of no settings. */
export function settingsText(settings: Settings, only?: readonly string[]): string {
  const ids = Object.keys(settings).filter((id) => !only || only.includes(id));
  return ids.map((id) => `${id} ${valueText(settings[id])}`).join(', ') || 'nothing set';
}

/** Knobs whose value differs between the two. */
export function changedKnobs(from: Settings, to: Settings): string[] {
  return changes(from, to).map(([id]) => id);
}

/** Knobs that do not have one value in all of these: the ones worth naming. */
export function varyingKnobs(all: readonly Settings[]): string[] {
  const ids = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return ids.filter((id) => new Set(all.map((one) => one[id])).size > 1);
}

export function valueText(value: SettingValue | null | undefined): string {
  return value === undefined || value === null ? 'unset' : String(value);
}

/** 'a', 'a and b', 'a, b and c'. */
export function listText(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** '1 pair', '9 pairs'. */
export function countedText(count: number, one: string, many = `${one}s`): string {
  return `${wholeText(count)} ${count === 1 ? one : many}`;
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

/** '2026-11-21 01:41 UTC'. */
export function dateText(unixMs: number): string {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? 'date not known' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** 'p50', 'p99.9' of a fraction. */
export function percentileText(p: number): string {
  return p >= 1 ? 'max' : `p${Number((p * 100).toFixed(4))}`;
}

function digitsFor(fraction: number): number {
  return Math.abs(fraction) >= 0.995 ? 0 : 1;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
