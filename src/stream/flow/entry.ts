/** A record on its way, and what came of it. Every field is set in the constructor, so that all have one shape. */
import type { OutputRecord } from '../contracts.ts';
import type { Block } from '../shared-blocks.ts';
import type { GapReason } from './gaps.ts';
import type { InOrder, OrderPlace } from './in-order.ts';

export const noBytes = new Uint8Array(0);
export const noOutputs: readonly Uint8Array[] = Object.freeze([]);

/** The partition it is of, as its entries see it. */
export interface EntryPartition {
  readonly partition: string;
  readonly order: InOrder<FlowEntry>;
  readonly deliverBefore: number;
  done(entry: FlowEntry): void;
}

export class FlowEntry {
  readonly from: EntryPartition;
  readonly offset: number;
  /** Where it begins in the source. */
  readonly at: number;
  /** Nothing once its results are there: what it was is then let go. */
  bytes: Uint8Array;
  readonly weight: number;
  /** When it was admitted, on the clock of the run. */
  readonly sinceMs: number;
  /** Credits it holds, bytes. */
  chargedBytes: number;
  /** Calls of it that have failed. */
  attempts = 0;
  /** Where it, and what was left out behind it, ends. */
  endOffset: number;
  endAt: number;
  /** Its place among the records that are not committed. */
  commitPlace: OrderPlace<FlowEntry> | null = null;
  /** What it keeps its order among; null where there is no order. */
  order: InOrder<FlowEntry> | null = null;
  orderPlace: OrderPlace<FlowEntry> | null = null;
  key: string | null = null;
  outputs: readonly Uint8Array[] = noOutputs;
  unacknowledged = 0;
  gap: GapReason | null = null;
  /** Shared memory that its results lie in. */
  block: Block | null = null;

  constructor(
    from: EntryPartition,
    place: { readonly offset: number; readonly at: number; readonly endAt: number },
    bytes: Uint8Array,
    weight: number,
    sinceMs: number,
  ) {
    this.from = from;
    this.offset = place.offset;
    this.at = place.at;
    this.bytes = bytes;
    this.weight = weight;
    this.sinceMs = sinceMs;
    this.chargedBytes = bytes.length;
    this.endOffset = place.offset + 1;
    this.endAt = place.endAt;
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

  /** The entry, at the first call; undefined afterwards: a sink may tell the same twice. */
  static acknowledge(output: OutputRecord): FlowEntry | undefined {
    if (!(output instanceof Output) || output.#isAcknowledged) return undefined;
    output.#isAcknowledged = true;
    return output.#entry;
  }
}
