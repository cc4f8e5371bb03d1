/**
 * Calls that wait, first come first served; those queued a second time go first, one at a time.
 * A cancelled call stays where it is and is skipped when its turn comes; once they are the greater
 * part all are swept out. So cancelling is O(1) on average, and what they keep is bounded.
 */
import type { Call } from './call.ts';

const compactAt = 1024;

export class CallQueue {
  #waiting: (Call | undefined)[] = [];
  #head = 0;
  #again: Call[] = [];
  #size = 0;

  /** Calls waiting, cancelled ones left out. O(1). */
  get size(): number {
    return this.#size;
  }

  /** A call that must travel alone is next. */
  get hasRetried(): boolean {
    this.#dropSettled();
    return this.#again.length > 0;
  }

  push(call: Call): void {
    call.queued = true;
    this.#waiting.push(call);
    this.#size++;
  }

  pushRetried(call: Call): void {
    call.retried = true;
    call.queued = true;
    this.#again.push(call);
    this.#size++;
  }

  /** A queued call was settled elsewhere. */
  cancelled(): void {
    this.#size--;
    const dead = this.#waiting.length - this.#head + this.#again.length - this.#size;
    if (dead >= compactAt && dead > this.#size) this.#sweep();
  }

  /** When the call that waits longest came in; undefined when none waits. */
  oldestMs(): number | undefined {
    this.#dropSettled();
    return (this.#again[0] ?? this.#waiting[this.#head])?.offeredMs;
  }

  /** The next batch: one call that was queued twice, or up to `most` in order of arrival. */
  take(most: number): Call[] {
    this.#dropSettled();
    const alone = this.#again.shift();
    if (alone) {
      this.#size--;
      alone.queued = false;
      return [alone];
    }
    const calls: Call[] = [];
    while (calls.length < most && this.#head < this.#waiting.length) {
      const call = this.#waiting[this.#head] as Call;
      this.#waiting[this.#head++] = undefined;
      if (call.settled) continue;
      call.queued = false;
      calls.push(call);
    }
    this.#size -= calls.length;
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head >= compactAt && this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return calls;
  }

  #sweep(): void {
    this.#waiting = this.#waiting.slice(this.#head).filter((call) => call?.settled === false);
    this.#head = 0;
    this.#again = this.#again.filter(({ settled }) => !settled);
  }

  #dropSettled(): void {
    while (this.#again[0]?.settled) this.#again.shift();
    while (this.#waiting[this.#head]?.settled) this.#waiting[this.#head++] = undefined;
  }
}
