/** How many calls ended in which way: a row of counters, one for each outcome. */
import { type OutcomeCounts, outcomes } from '../contracts.ts';

export const noOutcomes: OutcomeCounts = Object.freeze({
  ok: 0,
  trap: 0,
  timeout: 0,
  cancelled: 0,
  rejected: 0,
  shed: 0,
  lost: 0,
});

/** A row to count in. */
export function newCounts(): { -readonly [K in keyof OutcomeCounts]: number } {
  return { ...noOutcomes };
}

export function addCounts(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  const sum = newCounts();
  for (const outcome of outcomes) sum[outcome] = a[outcome] + b[outcome];
  return sum;
}

/** Calls that ended, in whatever way. */
export function settledOf(counts: OutcomeCounts): number {
  let sum = 0;
  for (const outcome of outcomes) sum += counts[outcome];
  return sum;
}
