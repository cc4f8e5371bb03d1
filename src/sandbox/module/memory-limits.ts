/** The limits of a memory as a module states them, of its own or imported. */
import { type ByteReader, notWasm } from './byte-reader.ts';

export const hasMaximum = 0b001;
const isShared = 0b010;
const is64Bit = 0b100;
const knownFlags = 0b111;

/** In pages of 64 KiB. */
export interface MemoryLimits {
  readonly flags: number;
  readonly minimum: number;
  /** Infinity where the module names none. */
  readonly maximum: number;
}

/** A memory that the guest imports, and the maximum it may have. */
export interface ImportedMemory {
  readonly module: string;
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly shared: boolean;
  readonly is64Bit: boolean;
}

/** A memory of a guest that may become less large than the guest has said. In pages of 64 KiB. */
export interface CappedMemory {
  /** Names it is exported by. */
  readonly names: readonly string[];
  readonly isImported: boolean;
  readonly minimum: number;
  /** The most it may have. */
  readonly cap: number;
  /** The most it would have without the cap. */
  readonly wanted: number;
}

/** @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM */
export function readMemoryLimits(reader: ByteReader, what: string): MemoryLimits {
  const flags = reader.byte();
  if ((flags & ~knownFlags) !== 0)
    throw notWasm(`${what}: expected pages of 64 KiB, got flags 0x${flags.toString(16)}`);
  const bits = flags & is64Bit ? 64 : 32;
  const minimum = reader.unsigned(bits);
  return { flags, minimum, maximum: flags & hasMaximum ? reader.unsigned(bits) : Infinity };
}

/** True where other threads may have it too. */
export function isSharedMemory({ flags }: MemoryLimits): boolean {
  return (flags & isShared) !== 0;
}

/** Most pages of a memory whose module names no maximum, by the width of its addresses. */
const mostPages = { narrow: 65_536, wide: 262_144 } as const;

/**
 * Those of a module's memories that its cap holds below what they want.
 * @param memories all of them, imported ones first
 * @param maxima what each may have
 * @param exported name → index of a memory
 */
export function cappedMemories(
  memories: readonly MemoryLimits[],
  maxima: readonly number[],
  { imported, exported }: { readonly imported: number; readonly exported: ReadonlyMap<string, number> },
): readonly CappedMemory[] {
  return memories.flatMap(({ flags, minimum, maximum }, index) => {
    const cap = maxima[index] as number;
    const wanted = Math.min(maximum, flags & is64Bit ? mostPages.wide : mostPages.narrow);
    const names = [...exported].filter(([, of]) => of === index).map(([name]) => name);
    return wanted > cap ? [{ names, isImported: index < imported, minimum, cap, wanted }] : [];
  });
}

export function importedMemory(
  { module, name }: { readonly module: string; readonly name: string },
  { flags, minimum }: MemoryLimits,
  maximum: number,
): ImportedMemory {
  return { module, name, minimum, maximum, shared: (flags & isShared) !== 0, is64Bit: (flags & is64Bit) !== 0 };
}
