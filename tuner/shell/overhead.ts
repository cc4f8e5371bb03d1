/**
 * The cost of measuring itself, with an interval by the same e-value as a trial's. It is measured once a
 * session, when there is a reference and no trial runs, and goes into the ledger as a remark.
 */
import type { Executor } from '../../src/contracts.ts';
import type { Timers } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { measureOverhead } from '../../src/measure/overhead.ts';
import type { Remark, SessionEntry, TunerRecord } from '../entries/entries.ts';
import { mayChange } from '../options.ts';
import { interval } from '../trial/e-value.ts';
import { rootMeanSquare } from '../trial/statistics.ts';
import { isClosed } from './held-knob.ts';
import type { Say } from './warn.ts';

/** Longest window of this check. Measuring costs something for each call, so longer windows show no more. */
const longestWindowMs = 200;

export class OverheadCheck {
  readonly #executor: Executor;
  readonly #timers: Timers;
  readonly #session: SessionEntry;
  /** The record after which there is a reference to measure the cost at. */
  readonly #after: TunerRecord['kind'];
  readonly #say: Say;
  #state: 'to come' | 'due' | 'measuring' | 'done';

  constructor(executor: Executor, session: SessionEntry, timers: Timers, say: Say) {
    const { mode, noisePairs, overheadPairs } = session.options;
    this.#executor = executor;
    this.#timers = timers;
    this.#say = say;
    this.#session = session;
    this.#after = mayChange(mode) && noisePairs > 0 ? 'noise' : 'baseline';
    this.#state = overheadPairs > 0 ? 'to come' : 'done';
  }

  /** True while the cost is still to be measured, although there is a reference. */
  get isOwed(): boolean {
    return this.#state === 'due' || this.#state === 'measuring';
  }

  onRecord({ kind }: TunerRecord): void {
    if (kind === this.#after && this.#state === 'to come') this.#state = 'due';
  }

  /**
   * null when it is not due, and for an executor that is not measured by a recorder of ours or has no
   * load. Never rejects: that the cost is not known ends no session. Of a closed executor the next window tells.
   */
  async run(signal: AbortSignal): Promise<Remark | null> {
    if (this.#state !== 'due') return null;
    this.#state = 'measuring';
    const { overheadPairs: pairs, windowMs, seed } = this.#session.options;
    try {
      const overhead = await measureOverhead(this.#executor, {
        timers: this.#timers,
        random: randomStream(seed, 'overhead'),
        interval: (d) => interval(d, spreadOf(d), 0.05),
        pairs,
        windowMs: Math.min(windowMs, longestWindowMs),
        signal,
      });
      return overhead && { kind: 'overhead', ...overhead };
    } catch (error) {
      if (isClosed(error)) return null;
      this.#say('SANDTUNE_WINDOW', `what measuring '${this.#executor.name}' costs is not known: ${messageOf(error)}`);
      return null;
    } finally {
      this.#state = 'done';
    }
  }
}

/** Root mean square of d. This scale does not depend on the signs of d, so the engine's test stays exact. */
function spreadOf(d: readonly number[]): number {
  return Math.max(0.005, rootMeanSquare(d, 0));
}
