/** The memory of a bare ring: places of 64 bytes, used in their order, and two words that say who sleeps. */
export const places = 256;
const placeBytes = 64;

/** Index of the integers before the first place, apart by a cache line. */
export const words = { workerAsleep: 0, hostAsleep: 16 } as const;
/** Index of the integers of a place, then of its floats. */
export const ints = { state: 0, id: 1, name: 2, a: 3, b: 4, result: 5 } as const;
export const floats = { dueMs: 3, beganMs: 4, endedMs: 5 } as const;
export const states = { free: 0, asked: 1, answered: 2 } as const;

export class BareMemory {
  readonly shared: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly ints: Int32Array;
  readonly floats: Float64Array;

  constructor(shared = new SharedArrayBuffer(128 + places * placeBytes)) {
    this.shared = shared;
    this.words = new Int32Array(shared, 0, 32);
    this.ints = new Int32Array(shared, 128);
    this.floats = new Float64Array(shared, 128);
  }
}

export function intAt(place: number, field: number): number {
  return place * (placeBytes / 4) + field;
}

export function floatAt(place: number, field: number): number {
  return place * (placeBytes / 8) + field;
}
