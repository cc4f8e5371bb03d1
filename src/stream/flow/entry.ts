/** A record on its way, and what came of it. Every field is set in the constructor, so that all have one shape. */

import type { Linked } from '../../foundation/ring.ts';
import type { SourceSpan } from '../../measure/stream-spans.ts';
import type { OutputRecord } from '../contracts.ts';
import type { RecordOutputs } from '../record-batch.ts';
import type { GapReason } from './gaps.ts';
import type { InOrder, OrderPlace } from './in-order.ts';
import { noOutputs } from './outputs.ts';

export const noBytes = new Uint8Array(0);

/** Memory that is used again once all that hold it have let it go. */
export interface Holding {
  letGo(): void;
}

/** A time on the clock of the run. Records that came together share one, which is a pointer and no number in each. */
export class RunMoment {
  readonly ms: number;
  /** Of the processor, then. */
  readonly epoch: number;

  constructor(ms: number, epoch: number) {
    this.ms = ms;
    this.epoch = epoch;
  }
}

/** What several results of one record are parts of (parts.ts). */
export interface EntryParts {
  readonly whole: FlowEntry;
  ended(part: FlowEntry, slot: number, outputs: RecordOutputs): readonly Uint8Array[] | undefined;
}

/** What few records have. */
export class EntryExtra {
  /** As it was read, where a dead letter may ask for that and `bytes` are those of a later stage. */
  original: Uint8Array | null = null;
  /** What it is a part of, where a stage has given several results of one record; and which of them. */
  partOf: EntryParts | null = null;
  slot = 0;
  /** A part of it has failed for good. */
  isLost = false;
}

/** Where a record stands among those of its key. */
export interface KeyPlace {
  readonly key: string;
  readonly order: InOrder<FlowEntry>;
  readonly place: OrderPlace<FlowEntry>;
}

/** The partition it is of, as its entries see it. */
export interface EntryPartition {
  readonly partition: string;
  readonly deliverBefore: number;
  /** The run that reads it: a sink may be told of records of two. */
  readonly run: object;
  /** Of its reading. */
  readonly span: SourceSpan | null;
  /** Its results are there, or it has none. @param leaves called in order for each with results whose turn it is now */
  leave(entry: FlowEntry, leaves: (entry: FlowEntry) => void): void;
  done(entry: FlowEntry): void;
}

export class FlowEntry implements Linked {
  readonly from: EntryPartition;
  readonly offset: number;
  /** Where it begins in the source. */
  readonly at: number;
  /** What the stage it is in is called with. Nothing once its results are there: what it was is then let go. */
  bytes: Uint8Array;
  readonly weight: number;
  /** When it was admitted. */
  readonly since: RunMoment;
  /** When it became a call of its processor, as its windows count them (record-books.ts); null before. */
  offered: RunMoment | null = null;
  /** Credits it holds, bytes. */
  chargedBytes: number;
  /** When it came to the stage that it is in, or left the last. */
  stageSince: RunMoment;
  /** Calls of it that have failed in that stage. */
  attempts = 0;
  extra: EntryExtra | null = null;
  /** Where it, and what was left out behind it, ends. */
  endOffset: number;
  endAt: number;
  /** Its neighbours among the records of its partition that are not done with. */
  before: Linked | null = null;
  after: Linked | null = null;
  /** It leaves as soon as all of its partition before it have. */
  mayLeave = false;
  /** Among those of its key; null where it keeps no order among these. */
  keyPlace: KeyPlace | null = null;
  outputs: RecordOutputs = noOutputs;
  unacknowledged = 0;
  gap: GapReason | null = null;
  /** Shared memory that its results, or its bytes in a later stage, lie in. */
  block: Holding | null = null;

  /** @param endAt where what comes behind it begins */
  constructor(
    from: EntryPartition,
    offset: number,
    at: number,
    endAt: number,
    bytes: Uint8Array,
    weight: number,
    since: RunMoment,
  ) {
    this.from = from;
    this.offset = offset;
    this.at = at;
    this.bytes = bytes;
    this.weight = weight;
    this.since = since;
    this.stageSince = since;
    this.chargedBytes = bytes.length;
    this.endOffset = offset + 1;
    this.endAt = endAt;
  }

  get partition(): string {
    return this.from.partition;
  }
}

/** What a sink is given. */
export class Output implements OutputRecord {
  readonly partition: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly weight: number;
  readonly #entry: FlowEntry;
  #isAcknowledged = false;

  constructor(entry: FlowEntry, bytes: Uint8Array) {
    this.partition = entry.partition;
    this.offset = entry.offset;
    this.bytes = bytes;
    this.weight = entry.weight;
    this.#entry = entry;
  }

  /** The entry, at the first call; undefined afterwards, and to another run: a sink may tell the same twice, or tell the wrong one. */
  static acknowledge(output: OutputRecord, run: object): FlowEntry | undefined {
    if (!(output instanceof Output) || output.#isAcknowledged || output.#entry.from.run !== run) return undefined;
    output.#isAcknowledged = true;
    return output.#entry;
  }
}
