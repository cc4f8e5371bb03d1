/**
 * Rewrites a module's memory section so that no memory of it can grow beyond a cap. V8 then
 * enforces the cap: `memory.grow` returns −1. Worker resource limits do not cover guest memory.
 * Nothing but this section changes; imported memories are refused elsewhere.
 */
import { SandtuneError } from '../../foundation/errors.ts';
import { bytesText } from '../../foundation/units.ts';
import { ByteReader, notWasm, unsignedBytes } from './byte-reader.ts';
import { type Section, sectionIds } from './sections.ts';

export const pageBytes = 65_536;

const hasMaximum = 0b001;
const is64Bit = 0b100;
const knownFlags = 0b111;

/**
 * The same module with every memory's maximum at most `maxPages` (of 64 KiB).
 * @throws {SandtuneError} ERR_SANDTUNE_MEMORY_ABOVE_CAP when a memory starts above the cap
 */
export function limitMemory(
  bytes: Uint8Array,
  sections: readonly Section[],
  maxPages: number,
): Uint8Array<ArrayBuffer> {
  const section = sections.find(({ id }) => id === sectionIds.memory);
  if (!section) return new Uint8Array(bytes);
  const content = limitedContent(new ByteReader(bytes, section.content, section.end), maxPages);
  const header = [sectionIds.memory, ...unsignedBytes(content.length)];
  const limited = new Uint8Array(bytes.length - (section.end - section.start) + header.length + content.length);
  limited.set(bytes.subarray(0, section.start));
  limited.set(header, section.start);
  limited.set(content, section.start + header.length);
  limited.set(bytes.subarray(section.end), section.start + header.length + content.length);
  return limited;
}

function limitedContent(reader: ByteReader, maxPages: number): number[] {
  const count = reader.unsigned();
  const content = unsignedBytes(count);
  for (let index = 0; index < count; index++) {
    const flags = reader.byte();
    if ((flags & ~knownFlags) !== 0)
      throw notWasm(`memory ${index}: expected pages of 64 KiB, got flags 0x${flags.toString(16)}`);
    const bits = flags & is64Bit ? 64 : 32;
    const minimum = reader.unsigned(bits);
    const maximum = flags & hasMaximum ? reader.unsigned(bits) : Infinity;
    if (minimum > maxPages) {
      throw new SandtuneError(
        'ERR_SANDTUNE_MEMORY_ABOVE_CAP',
        `memory ${index}: expected a minimum of at most ${maxPages} pages (${bytesText(maxPages * pageBytes)}), got ${minimum}`,
        { outcome: 'rejected', stage: 'admit' },
      );
    }
    content.push(flags | hasMaximum, ...unsignedBytes(minimum), ...unsignedBytes(Math.min(maximum, maxPages)));
  }
  return content;
}
