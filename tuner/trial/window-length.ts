/**
 * How long the windows of a trial are: as short as they may be, for seven pairs prove a large gain however
 * long they took, and a harm is left the sooner.
 *
 *   calls enough ▸ 5 × p99, so that few calls reach over a flip ▸ 200 ms ──▶ the longest of these
 *                                                     └─ and a whole number of pairs makes a block of calls
 *
 * A guardrail on a high quantile compares blocks of several hundred calls (super-blocks.ts), merged of
 * whole pairs. Windows a little shorter than such a block would need two pairs for it, and bring nearly
 * twice the calls; of windows that bring a whole number-th of a block nothing is wasted. They need not be
 * as long as a block: the evidence on it comes as soon, that on the objective and the breakers sooner.
 *
 * A gain of a fifth and more that a look has plainly shown is there however many calls reach over a flip: windows are
 * then as short as what drains allows. In the worlds a plateau with 1.1 s of p99 was proven after 100 s in place of 145,
 * a batch size after 30 in place of 36.
 *
 * Five times the p99 would leave a slow service no time for its pairs. There windows are as long as leaves
 * `pairsInHalf` pairs in half of `maxDurationMs`, and never below one and a half times the p99, since what
 * drains is thrown away.
 */
import type { Guardrail } from '../../src/contracts.ts';
import { expertDefaults } from '../expert-options.ts';
import { blockCalls } from './super-blocks.ts';

export interface WindowNeeds {
  /** The option `windowMs`. */
  readonly givenMs: number;
  /** Calls that a window must bring. */
  readonly completions: number;
  /** Calls that complete a millisecond; 0: none was seen. */
  readonly perMs: number;
  /** p99 of latency: so long the calls of the arm before come out. */
  readonly drainMs: number;
  readonly guardrails: readonly Guardrail[];
  readonly maxDurationMs: number;
  /** A look has shown a gain so large that any window shows it again. @defaultValue false */
  readonly isPlain?: boolean;
}

/** Where nobody gave another length; at rest, where nothing waits for an end, windows are longer. */
const shortestMs = 200;
/** Of the p99: a window that is not longer would be mostly discarded before it. */
const leastDrains = 1.5;
const wantedDrains = 5;
const pairsInHalf = 12;
/** So much longer a single window must be than a block needs, as windows are jittered; of several together less. */
const spare = 0.25;

export function shortestWindowMs(needs: WindowNeeds): number {
  const { givenMs, completions, perMs, drainMs, guardrails, maxDurationMs } = needs;
  const roomMs = maxDurationMs / (4 * pairsInHalf) - drainMs;
  const leastMs = Math.max(
    shortestOf(givenMs),
    perMs > 0 ? completions / perMs : 0,
    leastDrains * drainMs,
    needs.isPlain ? 0 : Math.min(wantedDrains * drainMs, roomMs),
  );
  const block = Math.max(0, ...guardrails.map(({ kind, metric }) => (kind === 'relative' ? blockCalls(metric) : 0)));
  const blockMs = perMs > 0 ? block / perMs : 0;
  for (let pairs = Math.floor((blockMs * (1 + spare)) / leastMs); pairs >= 1; pairs--) {
    const ms = (blockMs * (1 + spare / Math.sqrt(pairs))) / pairs;
    if (ms >= leastMs) return ms;
  }
  return leastMs;
}

/** The shortest that any window of a trial is. @param givenMs the option `windowMs` */
export function shortestOf(givenMs: number): number {
  return givenMs === expertDefaults.windowMs ? shortestMs : givenMs;
}
