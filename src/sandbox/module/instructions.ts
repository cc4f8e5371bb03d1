/**
 * Goes over the instructions of an expression, told only what each of them is: enough to know whether a module
 * has an instruction of some kind. What it does not know it refuses, so that nothing is taken for
 * something else.
 *
 * @see https://webassembly.github.io/spec/core/binary/instructions.html
 */
import { type ByteReader, notWasm } from './byte-reader.ts';

/** First bytes of instructions whose number follows. */
export const prefixes = { numeric: 0xfc, vector: 0xfd, atomic: 0xfe } as const;

/** An instruction: its byte; of one behind a prefix the prefix × 65,536 + its number. */
export function prefixed(prefix: number, number: number): number {
  return prefix * 0x10000 + number;
}

const hasMemoryIndex = 0x40;
const mostLabels = 1_000_000;

/** Calls `visit` with each instruction up to the `end` of the expression. @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM */
export function walkExpression(reader: ByteReader, visit: (instruction: number) => void): void {
  for (let depth = 1; depth > 0; ) {
    const byte = reader.byte();
    if (opens(byte)) depth++;
    // `delegate` ends its `try` as `end` does.
    if (byte === 0x0b || byte === 0x18) depth--;
    visit(passOver(reader, byte));
  }
}

/** block, loop, if, try, try_table */
function opens(byte: number): boolean {
  return byte === 0x02 || byte === 0x03 || byte === 0x04 || byte === 0x06 || byte === 0x1f;
}

/** Passes over what belongs to an instruction. */
function passOver(reader: ByteReader, byte: number): number {
  if (byte === prefixes.numeric) return passOverNumeric(reader);
  if (byte === prefixes.vector) return passOverVector(reader);
  if (byte === prefixes.atomic) return passOverAtomic(reader);
  if (byte >= 0x45 && byte <= 0xc4) return byte;
  if (byte >= 0x28 && byte <= 0x3e) passOverAddress(reader);
  else passOverOne(reader, byte);
  return byte;
}

function passOverOne(reader: ByteReader, byte: number): void {
  switch (byte) {
    // unreachable, nop, else, throw_ref, end, return, catch_all, drop, select, ref.is_null, ref.eq, ref.as_non_null
    case 0x00:
    case 0x01:
    case 0x05:
    case 0x0a:
    case 0x0b:
    case 0x0f:
    case 0x19:
    case 0x1a:
    case 0x1b:
    case 0xd1:
    case 0xd3:
    case 0xd4:
      return;
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x06:
      return passOverBlockType(reader);
    case 0x1f:
      passOverBlockType(reader);
      return passOverCatches(reader);
    // One index: catch, throw, rethrow, br, br_if, call, return_call, call_ref, return_call_ref, delegate, locals,
    // globals, tables, ref.func, br_on_null, br_on_non_null, the size and growth of a memory.
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x12:
    case 0x14:
    case 0x15:
    case 0x18:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x3f:
    case 0x40:
    case 0xd2:
    case 0xd5:
    case 0xd6:
      reader.unsigned();
      return;
    // call_indirect, return_call_indirect
    case 0x11:
    case 0x13:
      reader.unsigned();
      reader.unsigned();
      return;
    // br_table
    case 0x0e:
      for (let left = reader.count(mostLabels, 'labels') + 1; left > 0; left--) reader.unsigned();
      return;
    // select with types
    case 0x1c:
      for (let left = reader.count(mostLabels, 'types'); left > 0; left--) passOverValueType(reader);
      return;
    // ref.null, i32.const
    case 0xd0:
    case 0x41:
      return reader.skipSigned();
    case 0x42:
      return reader.skipSigned(10);
    case 0x43:
      return reader.skip(4);
    case 0x44:
      return reader.skip(8);
    default:
      throw unknown(byte.toString(16));
  }
}

function passOverNumeric(reader: ByteReader): number {
  const number = reader.unsigned();
  // Saturating conversions have nothing; of the rest memory.init, memory.copy, table.init and table.copy have two.
  const indices = number < 8 ? 0 : [8, 10, 12, 14].includes(number) ? 2 : 1;
  if (number > 17) throw unknown(`fc ${number}`);
  for (let left = indices; left > 0; left--) reader.unsigned();
  return prefixed(prefixes.numeric, number);
}

function passOverVector(reader: ByteReader): number {
  const number = reader.unsigned();
  if (number > 0x113) throw unknown(`fd ${number}`);
  if (number <= 11 || number === 92 || number === 93) passOverAddress(reader);
  else if (number === 12 || number === 13) reader.skip(16);
  else if (number >= 21 && number <= 34) reader.skip(1);
  else if (number >= 84 && number <= 91) {
    passOverAddress(reader);
    reader.skip(1);
  }
  return prefixed(prefixes.vector, number);
}

function passOverAtomic(reader: ByteReader): number {
  const number = reader.unsigned();
  if (number > 0x4e) throw unknown(`fe ${number}`);
  if (number === 3) reader.skip(1);
  else passOverAddress(reader);
  return prefixed(prefixes.atomic, number);
}

function passOverAddress(reader: ByteReader): void {
  if (reader.unsigned() & hasMemoryIndex) reader.unsigned();
  passOver64(reader);
}

/** An offset of 64 bits, whose value does not matter. */
function passOver64(reader: ByteReader): void {
  reader.skipSigned(10);
}

/** Empty, a value type, or a signed index of a type. */
function passOverBlockType(reader: ByteReader): void {
  const byte = reader.bytes[reader.offset];
  if (byte === 0x63 || byte === 0x64) reader.byte();
  reader.skipSigned();
}

function passOverCatches(reader: ByteReader): void {
  for (let left = reader.count(mostLabels, 'catches'); left > 0; left--) {
    // catch and catch_ref have a tag before their label.
    if (reader.byte() < 2) reader.unsigned();
    reader.unsigned();
  }
}

/** @returns its byte */
export function passOverValueType(reader: ByteReader): number {
  const byte = reader.byte();
  if (byte === 0x63 || byte === 0x64) reader.skipSigned();
  return byte;
}

function unknown(what: string) {
  return notWasm(`module: expected an instruction that is known, got ${what}`);
}
