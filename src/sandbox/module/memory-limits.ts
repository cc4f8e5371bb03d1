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

/** @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM */
export function readMemoryLimits(reader: ByteReader, what: string): MemoryLimits {
  const flags = reader.byte();
  if ((flags & ~knownFlags) !== 0)
    throw notWasm(`${what}: expected pages of 64 KiB, got flags 0x${flags.toString(16)}`);
  const bits = flags & is64Bit ? 64 : 32;
  const minimum = reader.unsigned(bits);
  return { flags, minimum, maximum: flags & hasMaximum ? reader.unsigned(bits) : Infinity };
}

export function importedMemory(
  { module, name }: { readonly module: string; readonly name: string },
  { flags, minimum }: MemoryLimits,
  maximum: number,
): ImportedMemory {
  return { module, name, minimum, maximum, shared: (flags & isShared) !== 0, is64Bit: (flags & is64Bit) !== 0 };
}
