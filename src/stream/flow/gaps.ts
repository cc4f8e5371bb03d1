/**
 * What a partition leaves out, as ranges of offsets. Neighbours of one reason are one range; beyond
 * `mostRanges` the newest one takes in what follows, with the number that it really means.
 */
import type { Gap } from '../contracts.ts';

export type GapReason = Gap['reason'];

const mostRanges = 1024;

interface Range {
  readonly fromOffset: number;
  toOffset: number;
  count: number;
  readonly reason: GapReason;
}

export class Gaps {
  readonly #partition: string;
  #ranges: Range[] = [];

  constructor(partition: string) {
    this.#partition = partition;
  }

  /** Offsets need not come in order: a record that waits for its dead letter is told late. */
  add(offset: number, reason: GapReason): void {
    const last = this.#ranges.at(-1);
    if (last && last.reason === reason && (last.toOffset === offset || this.#ranges.length >= mostRanges)) {
      last.toOffset = Math.max(last.toOffset, offset + 1);
      last.count++;
    } else if (this.#ranges.length < 2 * mostRanges) {
      this.#ranges.push({ fromOffset: offset, toOffset: offset + 1, count: 1, reason });
    } else {
      const alike = this.#ranges.findLast((range) => range.reason === reason) ?? (last as Range);
      alike.toOffset = Math.max(alike.toOffset, offset + 1);
      alike.count++;
    }
  }

  /** Those that lie before an offset, which are then forgotten. */
  takeBefore(offset: number): readonly Gap[] {
    const before = this.#ranges.filter(({ toOffset }) => toOffset <= offset);
    if (before.length > 0) this.#ranges = this.#ranges.filter(({ toOffset }) => toOffset > offset);
    return before.map((range) => Object.freeze({ partition: this.#partition, ...range }));
  }
}
