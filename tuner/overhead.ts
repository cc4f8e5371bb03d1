/** The cost of measuring, judged by the trial's own interval, as a remark for the ledger. */

import type { Executor } from '../src/contracts.ts';
import type { Timers } from '../src/foundation/clock.ts';
import { randomStream } from '../src/foundation/random.ts';
import { measureOverhead } from '../src/measure/overhead.ts';
import type { Remark } from './entries/entries.ts';
import { interval } from './trial/e-value.ts';
import { rootMeanSquare } from './trial/statistics.ts';

export interface OverheadSpan {
  readonly pairs: number;
  readonly windowMs: number;
  readonly seed: number;
  readonly timers: Timers;
  readonly signal: AbortSignal;
}

/** null for an executor that is not measured by a recorder of ours, or without load. */
export async function overheadRemark(executor: Executor, span: OverheadSpan): Promise<Remark | null> {
  const overhead = await measureOverhead(executor, {
    timers: span.timers,
    random: randomStream(span.seed, 'overhead'),
    interval: (d) => interval(d, spreadOf(d), 0.05),
    pairs: span.pairs,
    windowMs: span.windowMs,
    signal: span.signal,
  });
  return overhead && { kind: 'overhead', ...overhead };
}

/** Root mean square of d: a scale that knows nothing of its signs, so the engine stays exact. */
function spreadOf(d: readonly number[]): number {
  return Math.max(0.005, rootMeanSquare(d, 0));
}
