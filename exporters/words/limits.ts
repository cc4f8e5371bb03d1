/** Limits that are broken now, in words. */
import { durationText } from '../../src/foundation/units.ts';
import type { BrokenLimit } from '../../tuner/trial/limits-now.ts';
import { countedText, shareText } from './numbers.ts';

/** 'p99 62.0 ms', 'errors 1.20 %' */
export function readingText(metric: string, value: number): string {
  return `${metric} ${metric === 'errors' ? shareText(value, 2) : durationText(value)}`;
}

/** 'p99 < 50ms is broken now: p99 62.0 ms over the newest 2,310 calls' */
export function brokenText({ limit, value, calls }: BrokenLimit): string {
  return `${limit.text} is broken now: ${readingText(limit.metric, value)} over the newest ${countedText(calls, 'call')}`;
}
