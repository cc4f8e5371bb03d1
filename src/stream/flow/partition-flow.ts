/**
 * Where one partition stands: how far it was read, and its contiguous prefix of records that are done with.
 *
 * Only records that are not done with are listed, each with the end of all that is done behind it: one that
 * is done, or was never taken in, lengthens the one before it. So a dead sink costs the memory of what is in
 * flight, and none for what is dropped meanwhile.
 */
import { Ring, unlink } from '../../foundation/ring.ts';
import type { SourceSpan } from '../../measure/stream-spans.ts';
import type { PartitionPosition } from '../contracts.ts';
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

  /** @param span of its reading @defaultValue none */
  constructor(from: PartitionPosition, run: object, span: SourceSpan | null = null) {
    this.run = run;
    this.span = span;
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

  /** Offsets of records that are not done with, ascending. @param most how many of them */
  openOffsets(most: number): readonly number[] {
    const offsets: number[] = [];
    for (
      let place: unknown = this.#open.first;
      place instanceof OrderPlace && offsets.length < most;
      place = place.after
    )
      offsets.push((place.item as FlowEntry).offset);
    return offsets;
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
