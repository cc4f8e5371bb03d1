/**
 * The limits of a goal (`p99 < 50ms`) against the newest windows at the setting in force: which of them is
 * broken now, trial or no trial. It is a measurement and no test: what it says is what the calls of these
 * windows were, and not what the setting does.
 *
 *   windows, one at a time ── newestEnough ──▶ the few newest ── brokenNow ──▶ value, limit, calls
 *
 * Memory is a level and no sum over calls: its limit is broken while each of the newest windows was beyond it.
 */
import type { Guardrail, Window } from '../../src/contracts.ts';
import { failuresOf, guardedValue } from './metric.ts';
import { blockCalls } from './super-blocks.ts';

export type Limit = Extract<Guardrail, { readonly kind: 'absolute' }>;

export interface BrokenLimit {
  readonly limit: Limit;
  readonly value: number;
  /** Calls that the value rests on; 0 of memory, which rests on windows. */
  readonly calls: number;
  readonly windows: number;
  readonly spanMs: number;
}

/** One window may have met one pause; two in a row are worth saying. */
const fewest = 2;
/** More are never kept: where so many hold too few calls, nothing can be said of now. */
const mostWindows = 400;

/** The newest of `windows`, as many as it takes to have calls enough for each limit. @param windows oldest first */
export function newestEnough(limits: readonly Limit[], windows: readonly Window[]): readonly Window[] {
  let from = Math.max(0, windows.length - mostWindows);
  while (windows.length - from > fewest && limits.every((limit) => hasEnough(limit, windows.slice(from + 1)))) from++;
  return windows.slice(from);
}

/**
 * The limits that the calls of the newest windows do not keep. Each limit is read in as few windows as it takes: one
 * that needs many calls would spread a break of another over windows from before it.
 */
export function brokenNow(guardrails: readonly Guardrail[], windows: readonly Window[]): readonly BrokenLimit[] {
  return guardrails.flatMap((limit) => {
    if (limit.kind !== 'absolute') return [];
    const newest = newestEnough([limit], windows);
    const now = readingOf(limit, newest);
    if (!now || isKept(limit, now)) return [];
    const spanMs = newest.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
    return [{ limit, value: now.value, calls: now.count, windows: newest.length, spanMs }];
  });
}

/** The limits that the calls of the newest windows keep, each read in as few as it takes. */
export function keptNow(limits: readonly Limit[], windows: readonly Window[]): readonly Limit[] {
  return limits.filter((limit) => {
    const now = readingOf(limit, newestEnough([limit], windows));
    return now !== null && isKept(limit, now);
  });
}

/** What the metric of a limit is in all these windows together; null where their calls are too few to say. */
function readingOf(limit: Limit, windows: readonly Window[]): ReturnType<typeof guardedValue> {
  if (windows.length < fewest || !hasEnough(limit, windows)) return null;
  if (limit.metric !== 'rss') return guardedValue(limit.metric, windows);
  return { value: Math.min(...windows.map((window) => window.rssBytes ?? Infinity)), count: 0 };
}

function isKept({ limit }: Limit, { value }: { readonly value: number }): boolean {
  return value <= limit;
}

/** Errors are rare, so their share means something once a call in excess of the limit is no accident of small numbers. */
function hasEnough({ metric, limit }: Limit, windows: readonly Window[]): boolean {
  if (metric === 'rss') return windows.some(({ rssBytes }) => rssBytes !== undefined);
  const calls = windows.reduce(
    (sum, { latency, outcomes }) => sum + (metric === 'cpu' ? outcomes.ok : latency.count),
    0,
  );
  if (metric !== 'errors') return calls >= blockCalls(metric);
  const { failed, judged } = failuresOf(windows);
  return failed >= fewestFailures || judged * limit >= fewestFailures;
}

const fewestFailures = 4;
