/** One region of shared memory (regions.ts), as one of its two sides sees it. */

/** Its memory under another name, and what is told once nobody sees that any more: nothing of it keeps the name. */
export interface LeasedMemory {
  readonly memory: SharedArrayBuffer;
  readonly told: Told;
}

export interface Told {
  readonly regions: { free(index: number): void };
  readonly index: number;
  isLeased: boolean;
}

export class Region {
  readonly memory: SharedArrayBuffer;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** True once the reader knows it. The writer's alone. */
  isKnown = false;
  /** How far from its beginning it may hold anything but zeros. The writer's alone. */
  usedBytes = 0;
  /** What leases of it are made of (region-lease.ts); null before the first, and while one has it. The reader's alone. */
  handle: LeasedMemory | null = null;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory);
  }
}
