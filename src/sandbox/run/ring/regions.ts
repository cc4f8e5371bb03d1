/**
 * Bytes too many for a frame travel in regions: pieces of shared memory, each of one worker and one direction,
 * kept for the next bytes of about the same length, so that neither side pays for fresh memory.
 *
 *   writer: a free region, or a new one ─▶ held ─▶ the bytes, and zeros where others stood behind them ─▶ frame
 *   reader: frame ─▶ the bytes, copied or leased ─▶ free          the reader alone frees, the writer alone holds
 *
 * - Whose a region is stands in a word of the worker's memory (0: free). A region is written only while it is
 *   free, and nobody reads one that is: a call that was taken back, was aborted or overran keeps its own until the
 *   worker has passed it over or has ended.
 * - A new region is sent by the port before the frame that is the first to speak of it.
 * - A writer's regions take at most so many bytes together; those of other lengths that are free are given up
 *   first, of which the reader is told with the region that takes their place. Where none is to be had, bytes stand
 *   in their frame, or go by the port.
 * - They end with the worker: one that takes its place has others, and what is leased stays with who leased it.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { viewOf } from '../../../foundation/bytes.ts';
import { copyBytes } from '../../../foundation/copy-bytes.ts';
import { frameError } from './byte-ring.ts';
import { Region } from './region.ts';

/** Shorter bytes stand in their frame. */
export const leastRegionBytes = 16 * 1024;
/** Of a writer, at once. */
export const mostRegions = 64;
/** Index of the integers of a value that stands in a region, after its tag and length. */
export const regionInts = { index: 0, isNew: 1, byteLength: 2 } as const;
const states = { free: 0, held: 1 } as const;

const zeros = new Uint8Array(64 * 1024);

/** Of the side that writes into them. */
export class RegionWriter {
  readonly #words: Int32Array;
  readonly #port: MessagePort;
  readonly #mostBytes: number;
  readonly #regions: Region[] = [];
  /** Those that were given up, of which the reader has not been told. */
  #given: number[] = [];
  #bytes = 0;

  /**
   * @param words one a region, length = mostRegions
   * @param mostBytes of all regions together
   */
  constructor(words: Int32Array, port: MessagePort, mostBytes: number) {
    this.#words = words;
    this.#port = port;
    this.#mostBytes = mostBytes;
  }

  /** Bytes of all its regions. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Holds a region for so many bytes. O(mostRegions). @returns its index; −1 where none is to be had */
  hold(byteLength: number): number {
    if (byteLength > this.#mostBytes) return -1;
    const sizeBytes = sizeFor(byteLength);
    const regions = this.#regions;
    for (let index = 0; index < regions.length; index++) {
      if ((regions[index] as Region).bytes.length !== sizeBytes || !this.#isFree(index)) continue;
      Atomics.store(this.#words, index, states.held);
      return index;
    }
    const index = this.#placeFor(sizeBytes);
    if (index < 0) return -1;
    regions[index] = new Region(new SharedArrayBuffer(sizeBytes));
    this.#bytes += sizeBytes;
    Atomics.store(this.#words, index, states.held);
    return index;
  }

  /** The region was held and is not written after all. */
  give(index: number): void {
    Atomics.store(this.#words, index, states.free);
  }

  /**
   * Fills a region that is held. The frame that speaks of it must follow.
   * @param byteLength how many they are, as they were measured
   * @returns true where the reader is sent the region, which it then has to take up
   */
  write(index: number, bytes: Uint8Array, byteLength: number): boolean {
    const region = this.#regions[index] as Region;
    // A length of its own that reads otherwise each time, or throws, is never read.
    const source = Object.hasOwn(bytes, 'byteLength') ? viewOf(bytes) : bytes;
    copyBytes(source, region.bytes, 0, 0, byteLength);
    // What calls before this one left there is not for who reads it.
    for (let at = byteLength; at < region.usedBytes; at += zeros.length)
      region.bytes.set(zeros.subarray(0, Math.min(zeros.length, region.usedBytes - at)), at);
    region.usedBytes = byteLength;
    if (region.isKnown) return false;
    region.isKnown = true;
    this.#port.postMessage([index, region.memory, this.#given]);
    this.#given = [];
    return true;
  }

  #isFree(index: number): boolean {
    return Atomics.load(this.#words, index) === states.free;
  }

  /** Where a new region of this size goes: free ones of other sizes are given up for it, where that is enough. */
  #placeFor(sizeBytes: number): number {
    const regions = this.#regions;
    const given: number[] = [];
    let bytes = this.#bytes + sizeBytes;
    let place = regions.findIndex((one) => one.bytes.length === 0);
    if (place < 0 && regions.length < mostRegions) place = regions.length;
    for (let index = 0; index < regions.length; index++) {
      if (place >= 0 && bytes <= this.#mostBytes) break;
      if (!this.#isFree(index)) continue;
      bytes -= (regions[index] as Region).bytes.length;
      given.push(index);
      place = index;
    }
    if (place < 0 || bytes > this.#mostBytes) return -1;
    for (const index of given) regions[index] = new Region(new SharedArrayBuffer(0));
    this.#given.push(...given);
    this.#bytes = bytes - sizeBytes;
    return place;
  }
}

/** Of the side that reads them. */
export class RegionReader {
  /** `free()` alone, which keeps no region: whoever holds it until memory is collected must not keep that memory. */
  readonly freeing: { free(index: number): void };
  readonly #words: Int32Array;
  readonly #port: MessagePort;
  readonly #regions: (Region | undefined)[] = [];

  constructor(words: Int32Array, port: MessagePort) {
    this.#words = words;
    this.#port = port;
    this.freeing = { free: (index) => void Atomics.store(words, index, states.free) };
  }

  /** Bytes of all regions that it keeps: those of the writer, and what that has given up since it last sent one. */
  get heldBytes(): number {
    return this.#regions.reduce((sum, region) => sum + (region?.bytes.length ?? 0), 0);
  }

  /**
   * The region that a frame speaks of.
   * @param isNew 1 where it was sent by the port for this frame
   * @throws {SandtuneError} when it is none, or has not so many bytes
   */
  open(index: number, isNew: number, byteLength: number): Region {
    if (index < 0 || index >= mostRegions) throw frameError('a region', `the index ${index}`);
    if (isNew === 1) this.#regions[index] = this.#receive(index);
    const region = this.#regions[index];
    if (region === undefined || byteLength < 0 || byteLength > region.bytes.length)
      throw frameError('bytes within a region', `${byteLength} bytes in region ${index}`);
    if (Atomics.load(this.#words, index) !== states.held) throw frameError('a region that is held', `region ${index}`);
    return region;
  }

  /** Nobody on this side reads the region any more. */
  free(index: number): void {
    this.freeing.free(index);
  }

  #receive(index: number): Region {
    const message: unknown = receiveMessageOnPort(this.#port)?.message;
    const [sent, memory, given] = Array.isArray(message) ? (message as readonly unknown[]) : [];
    if (sent !== index || !(memory instanceof SharedArrayBuffer) || !Array.isArray(given))
      throw frameError(`region ${index}`, sent);
    // One of them may be the one that comes now.
    for (let one = 0; one < this.#regions.length; one++) if (given.includes(one)) this.#regions[one] = undefined;
    return new Region(memory);
  }
}

/** The power of two that has room for so many bytes. */
function sizeFor(byteLength: number): number {
  return Math.max(leastRegionBytes, 2 ** (32 - Math.clz32(byteLength - 1)));
}
