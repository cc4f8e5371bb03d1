/** Limits that are broken now, in words. */
import type { GuardedMetric } from '../../src/contracts.ts';
import { amountText } from '../../tuner/goal.ts';
import type { BrokenLimit } from '../../tuner/trial/limits-now.ts';
import { countedText, shareText } from './numbers.ts';

/** 'p99 62.0 ms', 'errors 1.20 %', 'rss 1.6 GiB' */
export function readingText(metric: GuardedMetric, value: number): string {
  return `${metric} ${metric === 'errors' ? shareText(value, 2) : amountText(metric, value)}`;
}

/** 'over the newest 2,310 calls', of memory 'in the newest 2 windows' */
export function restingOnText({ calls, windows }: Pick<BrokenLimit, 'calls' | 'windows'>): string {
  return calls > 0
    ? `over the newest ${countedText(calls, 'call')}`
    : `in the newest ${countedText(windows, 'window')}`;
}

/** 'p99 < 50ms is broken now: p99 62.0 ms over the newest 2,310 calls' */
export function brokenText(broken: BrokenLimit): string {
  const { limit, value } = broken;
  return `${limit.text} is broken now: ${readingText(limit.metric, value)} ${restingOnText(broken)}`;
}
