/**
 * Numbers as a reader wants them, in report and terminal alike. The only place where a fraction
 * becomes a percentage.
 */
import type { Interval } from '../../src/contracts.ts';
import { percentText, shareText } from '../../src/foundation/units.ts';
import { unboundedHigh } from '../../tuner/trial/e-value.ts';

export { shareText };

/** '+412 %', '−0.4 %'. */
export function changeText(fraction: number): string {
  if (!Number.isFinite(fraction)) return fraction > 0 ? 'unbounded' : 'not known';
  return percentText(fraction, digitsFor(fraction));
}

/** '+380…+450 %': both ends with the same number of digits. */
export function rangeText(low: number, high: number): string {
  return endsText(low, high);
}

/**
 * A range whose first end is the one that claims less, for sentences that begin with it: '+380…+450 %', and
 * '−48…−51 %' of a metric to be made smaller. Both ends with the same number of digits.
 */
export function endsText(first: number, second: number): string {
  if (isUnbounded(first, second)) return 'no bounds';
  const digits = digitsFor(Math.max(...[first, second].map((end) => (isOpenEnd(end) ? 0 : Math.abs(end)))));
  const text = (end: number) => (isOpenEnd(end) ? 'unbounded' : percentText(end, digits));
  // The sign of per cent stands behind the last figure.
  return isOpenEnd(second) ? `${text(first)}…unbounded` : `${text(first).replace(' %', '')}…${text(second)}`;
}

/** True where neither end of a range bounds anything. */
export function isUnbounded(first: number, second: number): boolean {
  return isOpenEnd(first) && isOpenEnd(second);
}

/**
 * The engine writes its unbounded ends as numbers, so that they fit into JSON; a loss has them negated. Nothing
 * loses more than all, so that −100 % bounds nothing either.
 */
function isOpenEnd(end: number): boolean {
  return !Number.isFinite(end) || Math.abs(end) >= unboundedHigh || end < nearlyAll;
}

/** A metric to be made smaller comes as near to a loss of all as an unbounded gain is large. */
const nearlyAll = 1e-3 - 1;

/** '+412 % (99 % interval +380…+450 %)'. */
export function intervalText(interval: Interval): string {
  return `${changeText(interval.estimate)} (${levelText(interval.level)} interval ${rangeText(interval.low, interval.high)})`;
}

/** '99 %', '98.5 %', '99.998 %': with as many digits as keep a level below 100 % from being printed as that. */
export function levelText(level: number): string {
  let digits = 0;
  while (
    digits < mostDigits &&
    Math.abs(Number((100 * level).toFixed(digits)) - 100 * level) > 0.2 * (100 - 100 * level)
  )
    digits++;
  return shareText(level, digits);
}

const mostDigits = 6;

/** '63 %', '> 99 %', '< 1 %' of a probability that somebody estimated: nobody is ever quite sure. */
export function chanceText(probability: number): string {
  if (!Number.isFinite(probability)) return 'not known';
  if (probability > 0.99) return '> 99 %';
  return probability < 0.01 ? '< 1 %' : shareText(probability, 0);
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

/** '1 pair', '9 pairs'. */
export function countedText(count: number, one: string, many = `${one}s`): string {
  return `${wholeText(count)} ${count === 1 ? one : many}`;
}

/** 'a', 'a and b', 'a, b and c'. */
export function listText(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** 'p50', 'p99.9' of a fraction. */
export function percentileText(p: number): string {
  return p >= 1 ? 'max' : `p${Number((p * 100).toFixed(4))}`;
}

/** '2026-11-21 01:41 UTC'. */
export function dateText(unixMs: number): string {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? 'date not known' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function digitsFor(fraction: number): number {
  return Math.abs(fraction) >= 0.995 ? 0 : 1;
}
