/**
 * A region that is its caller's for a while. What the caller is given is a view of memory of its own name: all
 * views that are made of it, and nothing of ours, keep it, so that once they are gone the region is known to be
 * seen by nobody, though nobody has said so.
 *
 *   leaseOf ─▶ bytes, a view ─┬─ release() ──────────────────────────▶ the region is free
 *                             └─ every view of it was collected ─────▶ the same
 */
import type { LeasedMemory, Region, Told } from './region.ts';

const unseen = new FinalizationRegistry<Told>((told) => {
  if (told.isLeased) free(told);
});

function free(told: Told): void {
  told.isLeased = false;
  told.regions.free(told.index);
}

export class RegionLease {
  /** Null once it was released. */
  bytes: Uint8Array<SharedArrayBuffer> | null;
  /** Null once it was released: who keeps a lease for longer does not keep its memory. */
  #region: Region | null;
  readonly #told: Told;

  constructor(region: Region, { memory, told }: LeasedMemory, byteLength: number) {
    this.#region = region;
    this.#told = told;
    this.bytes = new Uint8Array(memory, 0, byteLength);
  }

  /** The region is free; a second time nothing. */
  release(): void {
    if (this.bytes === null) return;
    if (this.#region !== null) this.#region.handle = { memory: this.bytes.buffer, told: this.#told };
    this.#region = null;
    this.bytes = null;
    free(this.#told);
  }
}

/** @param byteLength so many bytes, from the beginning of the region */
export function leaseOf(region: Region, regions: Told['regions'], index: number, byteLength: number): RegionLease {
  const handle = region.handle ?? renamed(region.memory, regions, index);
  region.handle = null;
  handle.told.isLeased = true;
  return new RegionLease(region, handle, byteLength);
}

function renamed(memory: SharedArrayBuffer, regions: Told['regions'], index: number): LeasedMemory {
  const handle = { memory: structuredClone(memory), told: { regions, index, isLeased: false } };
  unseen.register(handle.memory, handle.told);
  return handle;
}
