/** What cannot be true of a world's window or truth, in words: what was expected, and what came. */
import type { Distribution, Window } from '../../src/contracts.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { windowShape } from '../../tuner/entries/window-shape.ts';

/** Sums of milliseconds are not exact. */
const toleranceMs = 1e-3;

/** @param nowMs the sum of what was advanced @returns null where nothing is wrong */
export function windowFault(window: unknown, nowMs: number): string | null {
  if (!windowShape(window)) return 'expected a window, each field a figure as the type Window says, got another shape';
  const { startMs, endMs, outcomes, offered, backlogAtStart, backlogAtEnd, ...distributions } = window as Window;
  if (!(startMs >= 0 && startMs <= endMs)) return `expected 0 ≤ startMs ≤ endMs, got ${startMs} and ${endMs}`;
  if (Math.abs(endMs - nowMs) > toleranceMs)
    return `expected an endMs of ${nowMs}, the sum of what was advanced, got ${endMs}`;
  const counts = { ...outcomes, offered, backlogAtStart, backlogAtEnd };
  for (const [name, count] of Object.entries(counts))
    if (!isCount(count)) return `expected ${name} to be a whole number from 0, got ${count}`;
  const settled = settledOf(outcomes);
  if (offered + backlogAtStart !== settled + backlogAtEnd)
    return (
      'expected offered + backlogAtStart = settled + backlogAtEnd, ' +
      `got ${offered} + ${backlogAtStart} and ${settled} + ${backlogAtEnd}`
    );
  for (const name of ['latency', 'service', 'wait'] as const) {
    const fault = distributionFault(distributions[name]);
    if (fault !== null) return `${name}: ${fault}`;
    const { count } = distributions[name];
    if (count > outcomes.ok) return `${name}: expected no more than the ${outcomes.ok} ok calls, got ${count}`;
  }
  return null;
}

function distributionFault({ count, sumMs, minMs, maxMs, boundsNs, counts }: Distribution): string | null {
  if (!counts.every((one) => isCount(one) && one > 0)) return `expected counts above 0, got ${counts.join(', ')}`;
  const sum = counts.reduce((all, one) => all + one, 0);
  if (sum !== count) return `expected a count of ${sum}, the sum of counts, got ${count}`;
  const falls = boundsNs.findIndex((bound, i) => bound <= (boundsNs[i - 1] ?? -1));
  if (falls >= 0)
    return `expected ascending boundsNs from 0, so that p50 ≤ p99, got ${boundsNs[falls - 1] ?? 'nothing'} and then ${boundsNs[falls]}`;
  if (count > 0 && !(minMs >= 0 && minMs <= maxMs && sumMs >= minMs))
    return `expected 0 ≤ minMs ≤ maxMs, and a sumMs that holds them, got ${minMs}, ${maxMs} and ${sumMs}`;
  return null;
}

/** @returns null where nothing is wrong */
export function truthFault(truth: unknown): string | null {
  if (truth instanceof Promise) return 'expected { rate, p99Ms, errorFraction } at once, got a promise';
  const { rate, p99Ms, errorFraction } = Object(truth) as Readonly<Record<string, unknown>>;
  const isFrom0To = (value: unknown, most: number) => typeof value === 'number' && value >= 0 && value <= most;
  if (!isFrom0To(rate, Number.MAX_VALUE)) return `expected a finite rate from 0, got ${String(rate)}`;
  if (!isFrom0To(p99Ms, Infinity)) return `expected a p99Ms from 0, got ${String(p99Ms)}`;
  if (!isFrom0To(errorFraction, 1)) return `expected an errorFraction from 0 to 1, got ${String(errorFraction)}`;
  return null;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
