/**
 * What measuring itself costs: a paired comparison of recording on against recording off, on the
 * caller's live load. The statistics are the trial's own, handed in: there is no second path.
 */
import type { Executor, Interval, OpenWindow } from '../contracts.ts';
import type { Timers } from '../foundation/clock.ts';
import { checkInteger, checkNumber } from '../foundation/options.ts';
import type { RandomSource } from '../foundation/random.ts';
import { recorderOf } from './recorder.ts';

export interface OverheadOptions {
  readonly timers: Timers;
  /** Tosses the coin that orders each pair. */
  readonly random: RandomSource;
  /**
   * Interval of the effect as a relative change (exp(d) − 1, + is better), from each pair's
   * d = log(calls per second with recording / without).
   */
  readonly interval: (d: readonly number[]) => Interval;
  /** @defaultValue 12 */
  readonly pairs?: number;
  /** Length of a window; one with fewer than 50 settled calls goes on, up to 8 times as long. @defaultValue 250 */
  readonly windowMs?: number;
  /** Thrown away after each flip, for calls that began under the other arm. @defaultValue a tenth of windowMs */
  readonly discardMs?: number;
  /** Ends the measurement with the pairs there are. */
  readonly signal?: AbortSignal;
}

export interface Overhead {
  /** Throughput lost to recording, as a fraction of that without: 0.02 is 2 % slower. May be negative by noise. */
  readonly fraction: Interval;
  readonly pairs: number;
  readonly how: string;
}

const minCompletions = 50;
const longestFactor = 8;

/**
 * Measures for about `2 × pairs × (windowMs + discardMs)`. Meanwhile half of all windows of the
 * executor lack distributions: not to be run inside a trial. Recording is left as it was found.
 * @returns null when no pair had calls in both windows: without load nothing is known; and for an executor
 * that is not measured by a recorder of ours
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export async function measureOverhead(
  executor: Pick<Executor, 'openWindow'>,
  options: OverheadOptions,
): Promise<Overhead | null> {
  const pairs = checkInteger('pairs', options.pairs ?? 12, { min: 1 });
  const windowMs = checkNumber('windowMs', options.windowMs ?? 250, { min: 1 });
  const discardMs = checkNumber('discardMs', options.discardMs ?? windowMs / 10, { min: 0 });
  const recorder = recorderOf(executor);
  if (!recorder) return null;
  const before = recorder.books.recording;
  using open = executor.openWindow();
  const rate = async (recording: boolean): Promise<number> => {
    recorder.books.recording = recording;
    await wait(options, discardMs);
    open.cut();
    return okPerMs(open, windowMs, options);
  };
  const d: number[] = [];
  try {
    for (let pair = 0; pair < pairs; pair++) {
      const onFirst = options.random() < 0.5;
      const first = await rate(onFirst);
      const second = await rate(!onFirst);
      const difference = Math.log(onFirst ? first / second : second / first);
      if (Number.isFinite(difference)) d.push(difference);
    }
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  } finally {
    recorder.books.recording = before;
  }
  if (d.length === 0) return null;
  const effect = options.interval(d);
  return {
    fraction: { estimate: -effect.estimate, low: -effect.high, high: -effect.low, level: effect.level },
    pairs: d.length,
    how: `recording on against off, ${d.length} coin-ordered pairs of ${windowMs} ms windows on the live load; calls per second`,
  };
}

async function okPerMs(open: OpenWindow, windowMs: number, options: OverheadOptions): Promise<number> {
  for (let waits = 0; waits < longestFactor; waits++) {
    await wait(options, windowMs);
    if (open.settledCount >= minCompletions) break;
  }
  const { outcomes, startMs, endMs } = open.cut();
  return outcomes.ok / (endMs - startMs);
}

function wait({ timers, signal }: OverheadOptions, ms: number): Promise<void> {
  return timers.sleep(ms, signal ? { signal } : {});
}
