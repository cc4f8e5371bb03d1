/**
 * What a stage did with its time: of its lanes, the share that had a call (busy), that had nothing to take
 * (starved), and of which what they would give had nowhere to go (blocked). The three sum to 1.
 *
 * What is in force holds from one change to the next; it is told at each change. Beside the whole time the shares
 * of the recent past are kept, which forget by e in `recentMs`: after a day, the whole no longer says what is slow
 * now. Pure: times come in.
 */
export interface StageShares {
  /** 0 to 1, as the other two. */
  readonly busyFraction: number;
  readonly starvedFraction: number;
  readonly blockedFraction: number;
}

const recentMs = 10_000;
/** Time of which the shares are entered in the recent ones at once: a call costs no exponential. */
const stepMs = 50;

export class StageTime {
  #lastMs: number;
  /** In force since then. */
  #busy = 0;
  #blocked = 0;
  #wholeMs = 0;
  #busyMs = 0;
  #blockedMs = 0;
  #weight = 0;
  #recentBusy = 0;
  #recentBlocked = 0;
  /** Of the whole when the recent ones were entered last. */
  #enteredMs = 0;
  #enteredBusyMs = 0;
  #enteredBlockedMs = 0;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /**
   * From now on it is so. O(1), no allocation.
   * @param busy share of its lanes that have a call, 0 to 1 @param isBlocked the others wait for what comes behind it
   */
  changed(nowMs: number, busy: number, isBlocked: boolean): void {
    this.#passed(nowMs);
    this.#busy = busy;
    this.#blocked = isBlocked ? 1 - busy : 0;
  }

  /** Of the time since it began; what is in force where none has passed. */
  whole(nowMs: number): StageShares {
    this.#passed(nowMs);
    if (this.#wholeMs === 0) return sharesOf(this.#busy, this.#blocked);
    return sharesOf(this.#busyMs / this.#wholeMs, this.#blockedMs / this.#wholeMs);
  }

  /** Of the last ten seconds or so. */
  recent(nowMs: number): StageShares {
    this.#passed(nowMs);
    this.#enter();
    if (this.#weight === 0) return sharesOf(this.#busy, this.#blocked);
    return sharesOf(this.#recentBusy / this.#weight, this.#recentBlocked / this.#weight);
  }

  #passed(nowMs: number): void {
    const ms = nowMs - this.#lastMs;
    if (!(ms > 0)) return;
    this.#lastMs = nowMs;
    this.#wholeMs += ms;
    this.#busyMs += ms * this.#busy;
    this.#blockedMs += ms * this.#blocked;
    if (this.#wholeMs - this.#enteredMs >= stepMs) this.#enter();
  }

  #enter(): void {
    const ms = this.#wholeMs - this.#enteredMs;
    if (ms === 0) return;
    const old = Math.exp(-ms / recentMs);
    this.#weight = old * this.#weight + (1 - old);
    this.#recentBusy = old * this.#recentBusy + ((1 - old) * (this.#busyMs - this.#enteredBusyMs)) / ms;
    this.#recentBlocked = old * this.#recentBlocked + ((1 - old) * (this.#blockedMs - this.#enteredBlockedMs)) / ms;
    this.#enteredMs = this.#wholeMs;
    this.#enteredBusyMs = this.#busyMs;
    this.#enteredBlockedMs = this.#blockedMs;
  }
}

function sharesOf(busy: number, blocked: number): StageShares {
  const busyFraction = Math.min(1, busy);
  const blockedFraction = Math.min(1 - busyFraction, blocked);
  return { busyFraction, starvedFraction: 1 - busyFraction - blockedFraction, blockedFraction };
}

/** The one with the largest share of busy time, the first of several; undefined where there is none. */
export function slowestOf<S extends StageShares>(stages: readonly S[]): S | undefined {
  return stages.reduce<S | undefined>(
    (slowest, stage) => (slowest === undefined || stage.busyFraction > slowest.busyFraction ? stage : slowest),
    undefined,
  );
}
