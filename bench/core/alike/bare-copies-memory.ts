/** The memory of bare copies: places with room for the bytes of one call, in and out, used in their order. */
export const places = 16;

/** Index of the integers that come first, each in a cache line of its own: who sleeps, then the state of each place. */
export const words = { workerAsleep: 0, hostAsleep: 16, firstPlace: 32, aPlace: 16 } as const;
export const states = { free: 0, asked: 1, answered: 2 } as const;
const wordCount = words.firstPlace + places * words.aPlace;

export class CopiesMemory {
  readonly shared: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly given: readonly Uint8Array<SharedArrayBuffer>[];
  readonly results: readonly Uint8Array<SharedArrayBuffer>[];

  constructor(byteLength: number, shared = new SharedArrayBuffer(4 * wordCount + 2 * places * byteLength)) {
    const pieces = Array.from(
      { length: 2 * places },
      (_, index) => new Uint8Array(shared, 4 * wordCount + index * byteLength, byteLength),
    );
    this.shared = shared;
    this.words = new Int32Array(shared, 0, wordCount);
    this.given = pieces.slice(0, places);
    this.results = pieces.slice(places);
  }
}

export function stateAt(place: number): number {
  return words.firstPlace + place * words.aPlace;
}
