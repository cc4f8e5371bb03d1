/**
 * The file of a checkpoint: named sections, each with a digest, and a digest over all.
 *
 *   magic 8 │ version 4 │ sections 4 │ (id 4, zero 4, length 8, SHA-256 32) × sections │ SHA-256 32 │ contents …
 *
 * The last digest is over all that stands before it, and so, through the digests of the sections, over every
 * byte, each of which is hashed once. Whatever is wrong is found before anything is believed: first the digest
 * of the table, then that the lengths fill the file exactly, then each section. Nothing is allocated by a
 * length that was read. The digests are SHA-256 and not CRC-32, which takes two thirds of its time here, lets
 * one damage in 2^32 pass, and cannot say which of two checkpoints a third was built on.
 */
import { createHash } from 'node:crypto';
import { damaged, unfit } from './checkpoint-error.ts';

export const formatVersion = 1;

/** In the order they stand in. Their numbers are never given to others. */
const sectionIds = {
  run: 1,
  input: 2,
  output: 3,
  gaps: 4,
  guest: 5,
  pages: 6,
  snapshots: 7,
  controller: 8,
  metadata: 9,
} as const;

export type SectionName = keyof typeof sectionIds;

const sectionNames = Object.keys(sectionIds) as readonly SectionName[];

/** A text file that was carried over a line-end conversion, or a cut one, shows here. @see PNG specification, 5.2 */
const magic = Uint8Array.of(0x89, 0x53, 0x54, 0x43, 0x4b, 0x0d, 0x0a, 0x1a);
const entryBytes = 48;
const digestBytes = 32;
const mostSections = 64;
const fixedBytes = 16;
const headerBytes = fixedBytes + sectionNames.length * entryBytes + digestBytes;

export interface Container {
  /** One after the other they are the file. */
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  /** Hexadecimal; names the contents. */
  readonly digest: string;
}

/** @param contents each in pieces, which are not copied */
export function encodeContainer(contents: Readonly<Record<SectionName, readonly Uint8Array[]>>): Container {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  header.set(magic);
  view.setUint32(8, formatVersion);
  view.setUint32(12, sectionNames.length);
  let bytes = headerBytes;
  sectionNames.forEach((name, index) => {
    const at = fixedBytes + index * entryBytes;
    const length = contents[name].reduce((sum, part) => sum + part.length, 0);
    view.setUint32(at, sectionIds[name]);
    view.setBigUint64(at + 8, BigInt(length));
    header.set(digestOf(contents[name]), at + 16);
    bytes += length;
  });
  const digest = digestOf([header.subarray(0, headerBytes - digestBytes)]);
  header.set(digest, headerBytes - digestBytes);
  return { parts: [header, ...sectionNames.flatMap((name) => contents[name])], bytes, digest: digest.toString('hex') };
}

export interface Sections {
  readonly contents: Readonly<Record<SectionName, Uint8Array>>;
  readonly digest: string;
}

/**
 * The sections of a file, as views of its bytes. Cost: one SHA-256 over it.
 * @throws {CheckpointError} 'damaged'
 */
export function decodeContainer(bytes: Uint8Array): Sections {
  const { lengths, digests, digest } = decodeHeader(bytes);
  let at = headerBytes;
  const read = sectionNames.map((name, index) => {
    const content = bytes.subarray(at, at + (lengths[index] as number));
    at += content.length;
    if (!digestOf([content]).equals(digests[index] as Uint8Array))
      throw damaged(`expected the section '${name}' that was written, got ${content.length} bytes with another digest`);
    return [name, content] as const;
  });
  return { contents: Object.fromEntries(read) as Record<SectionName, Uint8Array>, digest };
}

function decodeHeader(bytes: Uint8Array) {
  if (bytes.length < fixedBytes || magic.some((byte, at) => bytes[at] !== byte))
    throw damaged(`expected a checkpoint, got ${bytes.length} bytes that do not begin as one`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(8);
  const count = view.getUint32(12);
  if (version !== formatVersion) {
    const message = `expected format version ${formatVersion}, got ${version}`;
    // Nothing is wrong with one that another version of this package has written: it stays where it is.
    throw isWholeHeader(bytes, count) ? unfit(`${message}, of another version of this package`) : damaged(message);
  }
  if (count !== sectionNames.length || bytes.length < headerBytes)
    throw damaged(
      `expected ${sectionNames.length} sections and ${headerBytes} bytes before them, got ${count} in ${bytes.length} bytes`,
    );
  const table = bytes.subarray(0, headerBytes - digestBytes);
  const digest = digestOf([table]);
  if (!digest.equals(bytes.subarray(table.length, headerBytes)))
    throw damaged('expected the table of sections that was written, got one with another digest');
  const entries = sectionNames.map((name, index) => {
    const at = fixedBytes + index * entryBytes;
    if (view.getUint32(at) !== sectionIds[name] || view.getUint32(at + 4) !== 0)
      throw damaged(`expected section ${sectionIds[name]} ('${name}'), got ${view.getUint32(at)}`);
    return { length: view.getBigUint64(at + 8), digest: bytes.subarray(at + 16, at + entryBytes) };
  });
  const all = entries.reduce((sum, { length }) => sum + length, BigInt(headerBytes));
  if (all !== BigInt(bytes.length)) throw damaged(`expected ${all} bytes, got ${bytes.length}`);
  return {
    // Their sum is the length of the file, so each of them is exact as a number.
    lengths: entries.map(({ length }) => Number(length)),
    digests: entries.map((entry) => entry.digest),
    digest: digest.toString('hex'),
  };
}

/** Every version has its table, and its digest, in these places. */
function isWholeHeader(bytes: Uint8Array, count: number): boolean {
  const end = fixedBytes + count * entryBytes;
  return (
    count <= mostSections &&
    bytes.length >= end + digestBytes &&
    digestOf([bytes.subarray(0, end)]).equals(bytes.subarray(end, end + digestBytes))
  );
}

function digestOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
