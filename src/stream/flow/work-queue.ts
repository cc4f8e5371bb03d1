/** Records that wait for a call: first come, first served, and those that are called again before all others. */
import type { FlowEntry } from './entry.ts';

export class WorkQueue {
  /** Parts of batches that failed, and records that are tried again: each is called by itself. */
  readonly #again: (readonly FlowEntry[])[] = [];
  #waiting: FlowEntry[] = [];
  #head = 0;
  #bytes = 0;

  /** Records, those to be called again left out. */
  get length(): number {
    return this.#waiting.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasAgain(): boolean {
    return this.#again.length > 0;
  }

  get oldest(): FlowEntry | undefined {
    return this.#waiting[this.#head];
  }

  /** The oldest that is so. */
  first(isSo: (entry: FlowEntry) => boolean): FlowEntry | undefined {
    for (let at = this.#head; at < this.#waiting.length; at++)
      if (isSo(this.#waiting[at] as FlowEntry)) return this.#waiting[at];
    return undefined;
  }

  add(entry: FlowEntry): void {
    this.#waiting.push(entry);
    this.#bytes += entry.bytes.length;
  }

  again(entries: readonly FlowEntry[]): void {
    this.#again.push(entries);
  }

  /** What the next call is of: at least one record where there is any, else none. */
  take(mostRecords: number, mostBytes: number): readonly FlowEntry[] {
    const again = this.#again.shift();
    if (again) return again;
    const taken: FlowEntry[] = [];
    let bytes = 0;
    for (let next = this.oldest; next && taken.length < mostRecords; next = this.oldest) {
      if (taken.length > 0 && bytes + next.bytes.length > mostBytes) break;
      bytes += next.bytes.length;
      taken.push(next);
      this.#drop();
    }
    return taken;
  }

  /** Takes out the one that has waited longest. */
  evict(): FlowEntry | undefined {
    const { oldest } = this;
    if (oldest) this.#drop();
    return oldest;
  }

  #drop(): void {
    this.#bytes -= (this.#waiting[this.#head] as FlowEntry).bytes.length;
    this.#waiting[this.#head] = undefined as never;
    this.#head++;
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && 2 * this.#head >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }
}
