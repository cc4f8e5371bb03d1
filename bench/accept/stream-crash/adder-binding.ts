/** Adds the checksum of each line to a sum that the guest keeps, and puts the sum before the line. */
import { crc32 } from 'node:zlib';
import { resultOf } from './jobs.ts';

interface Adder {
  add(value: number): number;
}

export function bind(guest: Adder) {
  return {
    add: (line: Uint8Array) => Buffer.from(resultOf(Buffer.from(line).toString(), guest.add(crc32(line)) >>> 0)),
  };
}
