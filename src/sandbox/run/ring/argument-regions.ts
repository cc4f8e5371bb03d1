/** Arguments of a call whose bytes stand in regions (regions.ts): held while the call is measured, then written, or given up. */
import type { RingMemory } from './byte-ring.ts';
import type { RegionWriter } from './regions.ts';
import { regionBytesOf, writeRegionValue, writeValue } from './values.ts';

/** An argument whose bytes are to be in a region that is held for it. */
export class InRegion {
  readonly bytes: Uint8Array;
  readonly byteLength: number;
  readonly index: number;

  constructor(bytes: Uint8Array, byteLength: number, index: number) {
    this.bytes = bytes;
    this.byteLength = byteLength;
    this.index = index;
  }
}

/** Holds a region for an argument. @returns null where it is for its frame, or for the port */
export function holdRegion(regions: RegionWriter, value: unknown): InRegion | null {
  const byteLength = regionBytesOf(value);
  if (byteLength < 0) return null;
  const index = regions.hold(byteLength);
  return index < 0 ? null : new InRegion(value as Uint8Array, byteLength, index);
}

/** The call goes by the port after all: the first `argc` of `values` are its arguments again. */
export function giveRegions(regions: RegionWriter, values: unknown[], argc: number): void {
  for (let i = 0; i < argc; i++) {
    const value = values[i];
    if (!(value instanceof InRegion)) continue;
    regions.give(value.index);
    values[i] = value.bytes;
  }
}

/** Writes an argument at `at`, or its bytes into the region that is held for it. @returns where the next one goes */
export function writeArgument(ring: RingMemory, regions: RegionWriter, at: number, value: unknown): number {
  if (!(value instanceof InRegion)) return writeValue(ring, at, value);
  const { index, bytes, byteLength } = value;
  const isNew = regions.write(index, bytes, byteLength);
  return writeRegionValue(ring, at, index, isNew, byteLength);
}
