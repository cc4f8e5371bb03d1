/**
 * A guest's memory in pages of 64 KiB, each known by a hash, so that a checkpoint holds only those pages that
 * have changed since the one it builds on. A page of zeros is known by its hash alone.
 *
 *   hashes 16 × pages │ which pages follow, a bit each │ these pages
 */
import { hash } from 'node:crypto';
import { damaged } from './checkpoint-error.ts';

export const pageBytes = 65_536;
/** Of a SHA-256: two different pages of one hash would take 2^64 tries. */
const hashBytes = 16;

const zeros = new Uint8Array(pageBytes);
const hashOfZeros = hashOf(zeros);

function hashOf(page: Uint8Array): Buffer {
  return hash('sha256', page, 'buffer').subarray(0, hashBytes);
}

/** Of each page. @param memory length = pages × 65,536 */
export function pageHashes(memory: Uint8Array): Uint8Array {
  const count = memory.length / pageBytes;
  const hashes = new Uint8Array(count * hashBytes);
  for (let page = 0; page < count; page++) {
    const bytes = pageOf(memory, page);
    // Most pages of a large memory were never touched; to compare one is ten times as quick as to hash it.
    hashes.set(Buffer.compare(bytes, zeros) === 0 ? hashOfZeros : hashOf(bytes), page * hashBytes);
  }
  return hashes;
}

/** How many pages these are the hashes of. */
export function pagesHashed(hashes: Uint8Array): number {
  return hashes.length / hashBytes;
}

/** The memory as it stands in a checkpoint, in pieces. @param known hashes of the memory in the checkpoint it builds on */
export function encodePages(memory: Uint8Array, hashes: Uint8Array, known: Uint8Array | undefined): Uint8Array[] {
  const count = hashes.length / hashBytes;
  const bits = new Uint8Array(bitBytes(count));
  const present: Uint8Array[] = [];
  for (let page = 0; page < count; page++) {
    if (isAt(hashes, page, hashOfZeros) || (known && isAt(known, page, hashAt(hashes, page)))) continue;
    bits[page >> 3] = (bits[page >> 3] as number) | (1 << (page & 7));
    present.push(pageOf(memory, page));
  }
  return [hashes, bits, ...present];
}

/** A memory as it was read from a checkpoint: some of its pages. */
export interface StoredPages {
  readonly hashes: Uint8Array;
  /** Pages that it holds itself. */
  readonly count: number;
  /** The page; undefined where it is zeros, or stands in a checkpoint that this one builds on. */
  page(index: number): Uint8Array | undefined;
}

/** @param at where it begins in the section @returns where it ends too @throws {CheckpointError} 'damaged' */
export function decodePages(section: Uint8Array, at: number, count: number): { pages: StoredPages; end: number } {
  const bitsAt = at + count * hashBytes;
  const firstAt = bitsAt + bitBytes(count);
  if (firstAt > section.length)
    throw damaged(`expected the hashes of ${count} pages, got ${section.length - at} bytes`);
  const bits = section.subarray(bitsAt, firstAt);
  const places = new Map<number, number>();
  for (let page = 0; page < count; page++)
    if (((bits[page >> 3] as number) >> (page & 7)) & 1) places.set(page, firstAt + places.size * pageBytes);
  const end = firstAt + places.size * pageBytes;
  if (end > section.length) throw damaged(`expected ${places.size} pages, got ${section.length - firstAt} bytes`);
  const page = (index: number) => {
    const place = places.get(index);
    return place === undefined ? undefined : section.subarray(place, place + pageBytes);
  };
  return { pages: { hashes: section.subarray(at, bitsAt), count: places.size, page }, end };
}

/**
 * Puts a memory together. A page that stands in an older checkpoint is that of the same hash; what it
 * hashes to was verified with the section it stands in.
 * @param older the same memory in the checkpoints it builds on, newest first
 * @param memory zeros, length = pages × 65,536
 * @throws {CheckpointError} 'damaged' where a page is nowhere
 */
export function composePages(newest: StoredPages, older: readonly StoredPages[], memory: Uint8Array): void {
  const count = memory.length / pageBytes;
  for (let index = 0; index < count; index++) {
    if (isAt(newest.hashes, index, hashOfZeros)) continue;
    const wanted = hashAt(newest.hashes, index);
    const holder = [newest, ...older].find((one) => isAt(one.hashes, index, wanted) && one.page(index));
    const page = holder?.page(index);
    if (!page) throw damaged(`expected page ${index} in what it builds on, found none of its hash`);
    memory.set(page, index * pageBytes);
  }
}

/** The first page that is neither stored, nor zeros, nor `known` to stand in what this builds on; −1 where there is none. */
export function firstMissing(stored: StoredPages, known: Uint8Array | undefined): number {
  const { hashes } = stored;
  for (let index = 0; index < hashes.length / hashBytes; index++) {
    const wanted = hashAt(hashes, index);
    const isThere =
      isAt(hashes, index, hashOfZeros) || stored.page(index) !== undefined || (known && isAt(known, index, wanted));
    if (!isThere) return index;
  }
  return -1;
}

function pageOf(memory: Uint8Array, page: number): Uint8Array {
  return memory.subarray(page * pageBytes, (page + 1) * pageBytes);
}

function hashAt(hashes: Uint8Array, page: number): Uint8Array {
  return hashes.subarray(page * hashBytes, (page + 1) * hashBytes);
}

function isAt(hashes: Uint8Array, page: number, wanted: Uint8Array): boolean {
  return Buffer.compare(hashAt(hashes, page), wanted) === 0;
}

function bitBytes(count: number): number {
  return Math.ceil(count / 8);
}
