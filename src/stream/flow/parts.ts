/**
 * One record of which a stage has given several results: each goes on by itself, and the record is done when
 * all are. Its results stand in the order of the parts, whatever the order in which they ended.
 *
 *   record ─ stage ─▶ [part 0, part 1, part 2] ─ further stages, each by itself ─▶ joined ─▶ results of the record
 *
 * A part may fall into parts again. A record is delivered whole or not at all: where one part has failed for
 * good, nothing of the record leaves.
 */

import type { RecordOutputs } from '../record-batch.ts';
import { EntryExtra, type EntryParts, FlowEntry, type Holding, type RunMoment } from './entry.ts';
import { listOfOutputs, noOutputs } from './outputs.ts';

export class Parts implements EntryParts {
  readonly whole: FlowEntry;
  readonly #outputs: RecordOutputs[];
  readonly #blocks: Holding[] = [];
  #open: number;

  /** @param count of the parts, at least 2 */
  constructor(whole: FlowEntry, count: number) {
    this.whole = whole;
    this.#outputs = Array.from({ length: count }, () => []);
    this.#open = count;
    if (whole.block) this.#blocks.push(whole.block);
  }

  /** One of them, which begins in the next stage. */
  part(slot: number, bytes: Uint8Array, now: RunMoment): FlowEntry {
    const { whole } = this;
    const part = new FlowEntry(whole.from, whole.offset, whole.at, whole.endAt, bytes, whole.weight, now);
    part.extra = new EntryExtra();
    part.extra.partOf = this;
    part.extra.slot = slot;
    part.chargedBytes = 0;
    return part;
  }

  /** The results of a part are there, or it has none. @returns the results of all, once they are; else undefined */
  ended(part: FlowEntry, slot: number, outputs: RecordOutputs): readonly Uint8Array[] | undefined {
    const { whole } = this;
    this.#outputs[slot] = outputs;
    if (part.block) this.#blocks.push(part.block);
    // The credits stay taken: they are now those of the whole.
    whole.chargedBytes += part.chargedBytes;
    if (--this.#open > 0) return undefined;
    const blocks = this.#blocks;
    whole.block = blocks.length === 0 ? null : { letGo: () => blocks.forEach((block) => block.letGo()) };
    return wholeOf(whole).extra?.isLost ? noOutputs : this.#outputs.flatMap(listOfOutputs);
  }
}

/** The record that an entry is, or is a part of. */
export function wholeOf(entry: FlowEntry): FlowEntry {
  let whole = entry;
  for (let { extra } = entry; extra?.partOf; { extra } = whole) whole = extra.partOf.whole;
  return whole;
}
