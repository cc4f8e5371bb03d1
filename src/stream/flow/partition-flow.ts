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
import { type EntryPartition, FlowEntry, type RunMoment } from './entry.ts';
import { type GapReason, Gaps } from './gaps.ts';
import { noOutputs } from './outputs.ts';

export class PartitionFlow implements EntryPartition {
  readonly partition: string;
  readonly gaps: Gaps;
  readonly #open = new Ring<FlowEntry>();
  #last: FlowEntry | null = null;
  /** The first that has not left, where the partition keeps its order: results behind it wait for it. */
  #first: FlowEntry | null = null;
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
    this.#next(frameBytes);
    this.#lengthen(this.#last, this.#readOffset, this.#readAt);
  }

  /** Records that are not done with, in their order. */
  *openEntries(): Generator<FlowEntry> {
    for (let entry: unknown = this.#open.first; entry instanceof FlowEntry; entry = entry.after) yield entry;
  }

  /** The record that comes next, which takes so much of the source, is not done with. */
  open(bytes: Uint8Array, frameBytes: number, weight: number, since: RunMoment): FlowEntry {
    const at = this.#readAt;
    // No literal of a list or an object stands beside this: in half of all starts V8 then put records where only a full collection finds them.
    const entry = new FlowEntry(this, this.#readOffset, at, at + frameBytes, bytes, weight, since);
    this.#next(frameBytes);
    this.#open.append(entry);
    this.#openCount++;
    this.#last = entry;
    this.#first ??= entry;
    return entry;
  }

  /** @see EntryPartition */
  leave(called: FlowEntry, leaves: (entry: FlowEntry) => void): void {
    called.mayLeave = true;
    for (let first = this.#first; first?.mayLeave; first = this.#first) {
      this.#first = behind(first);
      if (first.outputs !== noOutputs) leaves(first);
    }
  }

  /** The record that comes next is not taken in at all. */
  leaveOut(frameBytes: number, reason: GapReason): void {
    this.gaps.add(this.#readOffset, reason);
    this.#next(frameBytes);
    this.#lengthen(this.#last, this.#readOffset, this.#readAt);
  }

  /** Delivered and acknowledged, or left out. */
  done(entry: FlowEntry): void {
    if (entry.gap !== null) this.gaps.add(entry.offset, entry.gap);
    const before = entry.before instanceof FlowEntry ? entry.before : null;
    if (this.#first === entry) this.#first = behind(entry);
    if (!unlink(entry)) return;
    this.#openCount--;
    if (this.#last === entry) this.#last = before;
    this.#lengthen(before, entry.endOffset, entry.endAt);
  }

  #next(frameBytes: number): void {
    this.#readOffset++;
    this.#readAt += frameBytes;
  }

  /** @param before null: everything before is done with */
  #lengthen(before: FlowEntry | null, endOffset: number, endAt: number): void {
    if (before) {
      before.endOffset = endOffset;
      before.endAt = endAt;
    } else {
      this.#committedOffset = endOffset;
      this.#committedAt = endAt;
    }
  }
}

function behind({ after }: FlowEntry): FlowEntry | null {
  return after instanceof FlowEntry ? after : null;
}
