/**
 * A guarded metric of one arm against the other: one d a super-block, judged by the same e-value as the objective.
 *
 *   pairs ── merged until each arm has calls enough ──▶ d per block ── δ₀ ──▶ holds, broken, undecided
 */
import type { GuardedMetric, Window } from '../../src/contracts.ts';
import { percentText } from '../../src/foundation/units.ts';
import type { GuardrailReading } from '../entries/entries.ts';
import { fractionOf, isProven, logInterval } from './e-value.ts';
import { guardedDifference, quantileOf } from './metric.ts';
import type { Pair } from './pairs.ts';

export interface Judged extends Pick<GuardrailReading, 'state'> {
  /** What it rests on, in words. Their interval costs more than the state, and few are ever read. */
  readonly detail: () => string;
}

/** The first blocks, from which a block's noise is estimated; they count in the test as well (see `scaleOf`). */
export const scaleBlocks = 4;

/** Calls that each arm needs before a difference of this metric means anything: 4p/(1 − p) for a quantile. */
export function blockCalls(metric: GuardedMetric): number {
  if (metric === 'mean' || metric === 'cpu' || metric === 'errors' || metric === 'rss') return 1;
  const p = quantileOf(metric);
  return (4 * p) / (1 - p);
}

/** The reading of a relative guardrail: it holds when d is proven above δ₀, and is broken when proven below. */
export function relative(
  metric: GuardedMetric,
  delta0: number,
  pairs: readonly Pair[],
  alpha: number,
  brokenAlpha: number,
): Judged {
  const d = superBlocks(metric, pairs);
  if (d.length < scaleBlocks)
    return {
      state: 'undecided',
      detail: () => `${d.length} blocks of enough calls, at least ${scaleBlocks} are needed`,
    };
  const sigma = scaleOf(d, delta0);
  const text = metric === 'errors' ? pointsText : (log: number) => percentText(fractionOf(log));
  const detail = () => {
    const { estimate, low, high } = logInterval(d, sigma, alpha);
    return `change ${text(estimate)} (${boundText(low, text)} to ${boundText(high, text)}, + is better), limit ${text(delta0)}, ${d.length} blocks`;
  };
  if (isProven(d, delta0, sigma, 'greater', alpha)) return { state: 'holds', detail };
  return { state: isProven(d, delta0, sigma, 'less', brokenAlpha) ? 'broken' : 'undecided', detail };
}

/**
 * d of each super-block, + is better. A super-block is consecutive pairs merged until each arm has
 * enough calls for the metric; pairs at the end that have not enough yet form no block.
 */
export function superBlocks(metric: GuardedMetric, pairs: readonly Pair[]): readonly number[] {
  const enough = blockCalls(metric);
  const blocks: number[] = [];
  let from = 0;
  for (let to = 1; to <= pairs.length; to++) {
    const block = pairs.slice(from, to);
    if (calls(block.map((pair) => pair.baseline)) < enough || calls(block.map((pair) => pair.candidate)) < enough)
      continue;
    from = to;
    const d = guardedDifference(
      metric,
      block.map((pair) => pair.baseline),
      block.map((pair) => pair.candidate),
    );
    if (d !== null) blocks.push(d);
  }
  return blocks;
}

function calls(windows: readonly Window[]): number {
  return windows.reduce((sum, window) => sum + window.latency.count, 0);
}

/**
 * The scale of the bets, from the first blocks' distances to δ₀. It uses the distances and never the
 * signs: given all distances the signs are still fair coins, so the test stays exact.
 */
export function scaleOf(d: readonly number[], delta0: number): number {
  const distances = d
    .slice(0, scaleBlocks)
    .map((one) => Math.abs(one - delta0))
    .sort((a, b) => a - b);
  return 0.7 * (((distances[1] as number) + (distances[2] as number)) / 2);
}

export function pointsText(fraction: number): string {
  return `${(100 * fraction).toFixed(3)} pp`;
}

function boundText(log: number, text: (log: number) => string): string {
  return Number.isFinite(log) ? text(log) : 'unbounded';
}
