/**
 * Splits a module into its sections, custom ones left out: there may be millions. Checks the header
 * (magic, version 1, not a component), that the sections fill the bytes exactly, and that each is
 * there once; what is inside a section is V8's to validate.
 */
import { quoted } from '../../foundation/options.ts';
import { ByteReader, notWasm } from './byte-reader.ts';

export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  tag: 13,
} as const;

/** Of the magic number and the version. */
export const headerBytes = 8;

export interface Section {
  readonly id: number;
  /** Offset of the id byte. */
  readonly start: number;
  /** Offset of the first byte of the content. */
  readonly content: number;
  /** Offset just behind the content. */
  readonly end: number;
}

/** Bytes of a module we are willing to compile: compiling cannot be interrupted. */
const maxModuleBytes = 64 * 2 ** 20;

/** @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM */
export function readSections(bytes: Uint8Array): readonly Section[] {
  checkHeader(bytes);
  const reader = new ByteReader(bytes, headerBytes);
  const sections: Section[] = [];
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.byte();
    const length = reader.unsigned();
    const content = reader.offset;
    reader.skip(length);
    if (id === sectionIds.custom) continue;
    if (sections.some((other) => other.id === id)) throw notWasm(`module: expected section ${id} once, got it again`);
    sections.push({ id, start, content, end: reader.offset });
  }
  return sections;
}

/** A reader over the one section with this id; undefined where there is none. */
export function sectionReader(bytes: Uint8Array, sections: readonly Section[], id: number): ByteReader | undefined {
  const section = sections.find((one) => one.id === id);
  return section && new ByteReader(bytes, section.content, section.end);
}

function checkHeader(bytes: Uint8Array): void {
  if (bytes.length > maxModuleBytes) {
    throw notWasm(`module: expected at most ${maxModuleBytes} bytes, got ${bytes.length}`);
  }
  const head = Array.from(bytes.subarray(0, headerBytes), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (head === '00 61 73 6d 01 00 00 00') return;
  if (head === '00 61 73 6d 0d 00 01 00')
    throw notWasm('module: expected a module, got a component; `npx jco transpile` makes modules and their glue of it');
  const got = head === '' ? 'no bytes' : `${head}${textIn(bytes)}`;
  throw notWasm(`module: expected WebAssembly (00 61 73 6d 01 00 00 00), got ${got}`);
}

/** ', which looks like text: "(module"', or nothing. */
function textIn(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 40);
  const isText = start.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
  return isText ? `, which looks like text: ${quoted(String.fromCharCode(...start))}` : '';
}
