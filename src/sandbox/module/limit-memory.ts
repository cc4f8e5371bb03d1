/**
 * Rewrites a module's memory section so that its memories together cannot grow beyond a cap. V8 then
 * enforces the cap: `memory.grow` returns −1. Worker resource limits do not cover guest memory. The
 * pages of the cap beyond the minima are shared out evenly; a memory with a low maximum of its own
 * leaves its pages to the others. Nothing but this section changes: a memory that is imported is made by us,
 * with the maximum it is given here.
 */
import { refusal, SandtuneError } from '../../foundation/errors.ts';
import { bytesText } from '../../foundation/units.ts';
import { ByteReader, unsignedBytes } from './byte-reader.ts';
import { hasMaximum, type MemoryLimits, readMemoryLimits } from './memory-limits.ts';
import { headerBytes, type Section, sectionIds } from './sections.ts';

const pageBytes = 65_536;

/** Most memories of a module. Each takes gigabytes of a process's address space, which is limited. */
const mostMemories = 8;

export interface LimitedMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Limits of its memories as it states them, imported ones first. */
  readonly memories: readonly MemoryLimits[];
  /** What each of them may have, in pages. */
  readonly maxima: readonly number[];
}

/**
 * The same module with the maxima of its memories at most `maxPages` (of 64 KiB) in sum.
 * @param imported limits of the memories it imports, in their order
 * @throws {SandtuneError} ERR_SANDTUNE_MEMORY_ABOVE_CAP when its memories start above the cap, or are too many
 */
export function limitMemory(
  bytes: Uint8Array,
  sections: readonly Section[],
  maxPages: number,
  imported: readonly MemoryLimits[] = [],
): LimitedMemory {
  const section = sections.find(({ id }) => id === sectionIds.memory);
  const own = section ? readMemories(new ByteReader(bytes, section.content, section.end)) : [];
  const memories = [...imported, ...own];
  const maxima = limitedMaxima(memories, maxPages);
  if (!section) return { bytes: new Uint8Array(bytes), memories, maxima };
  const content = sectionContent(own, maxima.slice(imported.length));
  const header = [sectionIds.memory, ...unsignedBytes(content.length)];
  const limited = new Uint8Array(bytes.length - (section.end - section.start) + header.length + content.length);
  limited.set(bytes.subarray(0, section.start));
  limited.set(header, section.start);
  limited.set(content, section.start + header.length);
  limited.set(bytes.subarray(section.end), section.start + header.length + content.length);
  return { bytes: limited, memories, maxima };
}

/**
 * Whether V8 takes the memory section as it was given. The rewriting mends a maximum that is too large or
 * below the minimum, and drops what stands behind the last memory, so this must be asked of the original.
 */
export function isMemoryValid(bytes: Uint8Array, sections: readonly Section[]): boolean {
  const section = sections.find(({ id }) => id === sectionIds.memory);
  if (!section) return true;
  const alone = new Uint8Array(headerBytes + section.end - section.start);
  alone.set(bytes.subarray(0, headerBytes));
  alone.set(bytes.subarray(section.start, section.end), headerBytes);
  return WebAssembly.validate(alone);
}

function readMemories(reader: ByteReader): readonly MemoryLimits[] {
  const count = reader.unsigned();
  if (count > mostMemories) throw tooMany(count);
  return Array.from({ length: count }, (_, index) => readMemoryLimits(reader, `memory ${index}`));
}

/** A maximum below the minimum is left for V8 to refuse. */
function limitedMaxima(memories: readonly MemoryLimits[], maxPages: number): readonly number[] {
  if (memories.length > mostMemories) throw tooMany(memories.length);
  const minima = memories.reduce((sum, { minimum }) => sum + minimum, 0);
  if (minima > maxPages) {
    const cap = `${maxPages} pages (${bytesText(maxPages * pageBytes)})`;
    throw aboveCap(`expected memories that start with at most ${cap}, got ${minima}`);
  }
  const growth = sharedOut(
    maxPages - minima,
    memories.map(({ minimum, maximum }) => Math.max(0, maximum - minimum)),
  );
  return memories.map(({ minimum, maximum }, index) =>
    maximum < minimum ? maximum : minimum + (growth[index] as number),
  );
}

function sectionContent(memories: readonly MemoryLimits[], maxima: readonly number[]): number[] {
  return [
    ...unsignedBytes(memories.length),
    ...memories.flatMap(({ flags, minimum }, index) => [
      flags | hasMaximum,
      ...unsignedBytes(minimum),
      ...unsignedBytes(maxima[index] as number),
    ]),
  ];
}

/** Shares out `pages`, whole and as evenly as possible, none of the shares above what is `wanted` there. */
function sharedOut(pages: number, wanted: readonly number[]): readonly number[] {
  const shares = wanted.map(() => 0);
  const modestFirst = wanted
    .map((_, index) => index)
    .sort((a, b) => (wanted[a] as number) - (wanted[b] as number) || a - b);
  let remaining = pages;
  modestFirst.forEach((index, turn) => {
    const share = Math.min(wanted[index] as number, Math.floor(remaining / (wanted.length - turn)));
    shares[index] = share;
    remaining -= share;
  });
  return shares;
}

function tooMany(count: number): SandtuneError {
  return aboveCap(`expected at most ${mostMemories} memories, got ${count}`);
}

function aboveCap(message: string): SandtuneError {
  return refusal('ERR_SANDTUNE_MEMORY_ABOVE_CAP', `module: ${message}`);
}
