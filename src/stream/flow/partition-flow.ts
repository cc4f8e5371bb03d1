/**
 * Where one partition stands: how far it was read, and its contiguous prefix of records that are done with.
 *
 * Only records that are not done with are listed, each with the end of all that is done behind it: one that
 * is done, or was never taken in, lengthens the one before it. So a dead sink costs the memory of what is in
 * flight, and none for what is dropped meanwhile.
 *
 *   done ────────▶ position │ open, done, open, open │ read offset      a restart passes over what is done here too
 */
import { Ring, unlink } from '../../foundation/ring.ts';
import type { SourceSpan } from '../../measure/stream-spans.ts';
import type { PartitionPosition, RecordsInFlight } from '../contracts.ts';
import type { EntryPartition, FlowEntry } from './entry.ts';
import { type GapReason, Gaps } from './gaps.ts';
import { InOrder, OrderPlace } from './in-order.ts';

export class PartitionFlow implements EntryPartition {
  readonly partition: string;
  readonly gaps: Gaps;
  /** Results that wait for those before them, where the partition keeps its order. */
  readonly order = new InOrder<FlowEntry>();
  readonly #open = new Ring<OrderPlace<FlowEntry>>();
  #last: OrderPlace<FlowEntry> | null = null;
  #readOffset: number;
  #readAt: number;
  #committedOffset: number;
  #committedAt: number;
  readonly span: SourceSpan | null;
  readonly #firstOffset: number;
  /** Records before it may be delivered; Infinity but under at-most-once. */
  deliverBefore = Number.POSITIVE_INFINITY;

  readonly run: object;
  /** Of an earlier run, ascending; its records up to `#earlierOffset` that are in none of these are done with. */
  readonly #earlierOpen: RecordsInFlight['open'];
  readonly #earlierOffset: number;
  #earlierAt = 0;
  #openCount = 0;

  /**
   * @param span of its reading @defaultValue none
   * @param earlier what an earlier run was not done with, behind the position @defaultValue all of it
   */
  constructor(
    from: PartitionPosition,
    run: object,
    span: SourceSpan | null = null,
    earlier?: Omit<RecordsInFlight, 'partition'>,
  ) {
    this.run = run;
    this.span = span;
    this.#earlierOpen = earlier?.open ?? [];
    this.#earlierOffset = earlier?.readOffset ?? from.offset;
    this.#firstOffset = from.offset;
    this.partition = from.partition;
    this.gaps = new Gaps(from.partition);
    this.#readOffset = from.offset;
    this.#readAt = from.at;
    this.#committedOffset = from.offset;
    this.#committedAt = from.at;
  }

  /** Offset of the record that comes next, and where it begins. */
  get read(): PartitionPosition {
    return { partition: this.partition, offset: this.#readOffset, at: this.#readAt };
  }

  /** Records of it that this run has read. */
  get readCount(): number {
    return this.#readOffset - this.#firstOffset;
  }

  /** Everything before it is done with. */
  get committed(): PartitionPosition {
    return { partition: this.partition, offset: this.#committedOffset, at: this.#committedAt };
  }

  /** Records that were read and are done with, whatever comes before them. */
  get doneCount(): number {
    return this.#readOffset - this.#openCount;
  }

  /** The same once all before an offset are. Cost: O(records in flight before it). */
  doneCountAt(offset: number): number {
    let count = this.doneCount;
    for (const entry of this.openEntries()) {
      if (entry.offset >= offset) break;
      count++;
    }
    return count;
  }

  /**
   * What is not done with, of what was read by this run or the one it goes on from.
   * Cost: O(records in flight).
   * @param line all before this offset is as good as done
   */
  inFlight(line = 0): RecordsInFlight {
    const open: [number, number][] = [];
    const add = (from: number, to: number) => {
      const last = open.at(-1);
      if (last?.[1] === from) last[1] = to;
      else open.push([from, to]);
    };
    for (const { offset } of this.openEntries()) if (offset >= line) add(offset, offset + 1);
    for (const [from, to] of this.#earlierOpen) if (to > this.#readOffset) add(Math.max(from, this.#readOffset), to);
    return { partition: this.partition, readOffset: Math.max(this.#readOffset, this.#earlierOffset), open };
  }

  /** The record that comes next is one that the earlier run was done with. */
  get comesDone(): boolean {
    if (this.#readOffset >= this.#earlierOffset) return false;
    const { length } = this.#earlierOpen;
    while (this.#earlierAt < length && (this.#earlierOpen[this.#earlierAt]?.[1] ?? 0) <= this.#readOffset)
      this.#earlierAt++;
    const from = this.#earlierOpen[this.#earlierAt]?.[0];
    return from === undefined || this.#readOffset < from;
  }

  /** The record that comes next is not for this run. */
  passOver(frameBytes: number): void {
    const { offset, endAt } = this.next(frameBytes);
    this.#lengthen(this.#last, offset + 1, endAt);
  }

  /** Records that are not done with, in their order. */
  *openEntries(): Generator<FlowEntry> {
    for (let place: unknown = this.#open.first; place instanceof OrderPlace; place = place.after)
      yield place.item as FlowEntry;
  }

  /** The place of the record that comes next, which takes so much of the source. */
  next(frameBytes: number): { readonly offset: number; readonly at: number; readonly endAt: number } {
    const place = { offset: this.#readOffset, at: this.#readAt, endAt: this.#readAt + frameBytes };
    this.#readOffset++;
    this.#readAt = place.endAt;
    return place;
  }

  opened(entry: FlowEntry): void {
    this.#last = new OrderPlace(entry);
    this.#open.append(this.#last);
    this.#openCount++;
    entry.commitPlace = this.#last;
  }

  /** The record that comes next is not taken in at all. */
  leaveOut(frameBytes: number, reason: GapReason): void {
    const { offset, endAt } = this.next(frameBytes);
    this.gaps.add(offset, reason);
    this.#lengthen(this.#last, offset + 1, endAt);
  }

  /** Delivered and acknowledged, or left out. */
  done(entry: FlowEntry): void {
    if (entry.gap !== null) this.gaps.add(entry.offset, entry.gap);
    const place = entry.commitPlace as OrderPlace<FlowEntry>;
    const before = place.before instanceof OrderPlace ? place.before : null;
    if (!unlink(place)) return;
    this.#openCount--;
    if (this.#last === place) this.#last = before;
    this.#lengthen(before, entry.endOffset, entry.endAt);
  }

  /** @param before null: everything before is done with */
  #lengthen(before: OrderPlace<FlowEntry> | null, endOffset: number, endAt: number): void {
    if (before) {
      before.item.endOffset = endOffset;
      before.item.endAt = endAt;
    } else {
      this.#committedOffset = endOffset;
      this.#committedAt = endAt;
    }
  }
}
