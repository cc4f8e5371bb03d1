/**
 * Where the value of an answer goes, on the worker's side: into its frame, by its signature or with tags, into a region
 * that its frame speaks of, or by the port, of which a small frame tells.
 */
import type { MessagePort } from 'node:worker_threads';
import { frameError, type RingWriter } from './byte-ring.ts';
import { RegionWriter } from './regions.ts';
import type { SignatureCodec } from './signature-codec.ts';
import { regionBytesOf, regionValueBytes, sizeOf, writeRegionValue, writeValue } from './values.ts';
import { answer, answerKinds, mostFrameBytes, spareBytes, type WorkerMemory } from './worker-memory.ts';

export class AnswerValues {
  readonly #memory: WorkerMemory;
  readonly #writer: RingWriter;
  readonly #port: MessagePort;
  readonly #regions: RegionWriter;
  /** Of the last one: where its frame was placed, how long that is, and of which kind. */
  at = -1;
  frameBytes = 0;
  kind: number = answerKinds.value;

  /** @param regionBytes most bytes of its regions */
  constructor(memory: WorkerMemory, writer: RingWriter, port: MessagePort, regionBytes: number) {
    this.#memory = memory;
    this.#writer = writer;
    this.#port = port;
    this.#regions = new RegionWriter(memory.resultRegions, port, regionBytes);
  }

  /**
   * @param id of the call
   * @param codec of its function; null where that has no signature
   */
  write(id: number, value: unknown, codec: SignatureCodec | null): void {
    if (codec === null ? this.#inRegion(value) || this.#inFrame(value) : this.#bySignature(value, codec)) return;
    this.#port.postMessage([id, value]);
    this.at = smallAnswer(this.#writer);
    this.frameBytes = answer.value;
    this.kind = answerKinds.portValue;
  }

  /** @returns false where it finds no room; likewise below */
  #bySignature(value: unknown, codec: SignatureCodec): boolean {
    if (!this.#placed(codec.resultBytes, answerKinds.bySignature)) return false;
    codec.writeResult(this.#memory.answers, this.at + answer.value, value);
    return true;
  }

  #inFrame(value: unknown): boolean {
    const size = sizeOf(value);
    if (size < 0 || answer.value + size > mostFrameBytes || !this.#placed(size, answerKinds.value)) return false;
    writeValue(this.#memory.answers, this.at + answer.value, value);
    return true;
  }

  #inRegion(value: unknown): boolean {
    const byteLength = regionBytesOf(value);
    const regions = this.#regions;
    const index = byteLength < 0 ? -1 : regions.hold(byteLength);
    if (index < 0) return false;
    if (!this.#placed(regionValueBytes, answerKinds.value)) {
      regions.give(index);
      return false;
    }
    const isNew = regions.write(index, value as Uint8Array, byteLength);
    writeRegionValue(this.#memory.answers, this.at + answer.value, index, isNew, byteLength);
    return true;
  }

  #placed(valueBytes: number, kind: number): boolean {
    this.frameBytes = answer.value + valueBytes;
    this.at = this.#writer.place(this.frameBytes, spareBytes);
    this.kind = kind;
    return this.at >= 0;
  }
}

/** Where an answer without a value goes, for which room is kept. @throws {SandtuneError} when there is none */
export function smallAnswer(writer: RingWriter): number {
  const at = writer.place(answer.value, 0);
  if (at < 0) throw frameError('room for a small answer', 'a full ring');
  return at;
}
