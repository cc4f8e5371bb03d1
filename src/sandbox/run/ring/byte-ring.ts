/**
 * A ring of frames in shared memory with one writer and one reader, each on a thread of its own.
 *
 *   head ──▶ frame │ frame │ … ──▶ tail          positions count bytes and wrap at 2³²; index = position mod capacity
 *
 *   frame: [bytes: int32, of the whole frame, a multiple of 8][mark: int32][what its writer put there …]
 *
 * A frame never crosses the end of the ring: what is left there is filled with a frame whose mark is
 * `padding`. The writer moves `tail` after it has written a frame, the reader moves `head` after it has
 * read one, each by an atomic store, so neither ever sees half of what the other wrote. What the reader
 * finds is checked before it is believed: its other side may be a thread that was damaged.
 */
import { SandtuneError } from '../../../foundation/errors.ts';

/** Index of the words of a ring, apart by a cache line: each is written by one side only. */
const words = { head: 0, tail: 16 } as const;
const wordBytes = 128;
/** Mark of a frame that only fills the end of the ring. */
const padding = -1;
export const frameHeaderBytes = 8;
/** The reader tells of what it has read when it comes to this share of the ring, or when there is nothing more to read. */
export const mostUntoldShare = 1 / 16;

export function ringBytes(capacityBytes: number): number {
  return wordBytes + capacityBytes;
}

/** The memory of one ring, seen as all that frames are made of. */
export class RingMemory {
  readonly capacityBytes: number;
  readonly words: Int32Array;
  readonly ints: Int32Array;
  readonly floats: Float64Array;
  readonly longs: BigInt64Array;
  readonly bytes: Buffer;

  /** @param capacityBytes a power of two */
  constructor(memory: SharedArrayBuffer, offsetBytes: number, capacityBytes: number) {
    const at = offsetBytes + wordBytes;
    this.capacityBytes = capacityBytes;
    this.words = new Int32Array(memory, offsetBytes, wordBytes / 4);
    this.ints = new Int32Array(memory, at, capacityBytes / 4);
    this.floats = new Float64Array(memory, at, capacityBytes / 8);
    this.longs = new BigInt64Array(memory, at, capacityBytes / 8);
    this.bytes = Buffer.from(memory as unknown as ArrayBuffer, at, capacityBytes);
  }
}

/** What is in a ring is no frame that its writer could have put there. */
export function frameError(expected: string, got: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_WORKER_LOST', `expected ${expected} in shared memory, got ${String(got)}`);
}

export class RingWriter {
  readonly #ring: RingMemory;
  #head = 0;
  #tail = 0;

  constructor(ring: RingMemory) {
    this.#ring = ring;
    this.#head = Atomics.load(ring.words, words.head);
    this.#tail = Atomics.load(ring.words, words.tail);
  }

  /**
   * Where the next frame is to be written, and its length is; −1 where it does not fit. One of more than
   * half the ring may not even fit into an empty one. O(1), no allocation.
   * @param frameBytes of the whole frame, a multiple of 8
   * @param spareBytes what must be free beside it
   */
  place(frameBytes: number, spareBytes: number): number {
    const { capacityBytes, words: positions, ints } = this.#ring;
    let at = this.#tail & (capacityBytes - 1);
    const toEnd = capacityBytes - at;
    const unused = frameBytes > toEnd ? toEnd : 0;
    const wanted = unused + frameBytes + spareBytes;
    if (wanted > capacityBytes - ((this.#tail - this.#head) | 0)) {
      this.#head = Atomics.load(positions, words.head);
      const used = (this.#tail - this.#head) | 0;
      if (used < 0 || wanted > capacityBytes - used) return -1;
    }
    if (unused > 0) {
      ints[at >> 2] = unused;
      ints[(at >> 2) + 1] = padding;
      this.#tail = (this.#tail + unused) | 0;
      at = 0;
    }
    ints[at >> 2] = frameBytes;
    return at;
  }

  /** The frame that was placed is written: the other side may read it. @param frameBytes as it was placed */
  publish(frameBytes: number): void {
    this.written(frameBytes);
    this.publishWritten();
  }

  /** The frame that was placed is written: the other side may read it with the next that is published. */
  written(frameBytes: number): void {
    this.#tail = (this.#tail + frameBytes) | 0;
  }

  publishWritten(): void {
    Atomics.store(this.#ring.words, words.tail, this.#tail);
  }
}

export class RingReader {
  readonly #ring: RingMemory;
  readonly #mostUntoldBytes: number;
  #head = 0;
  #tail = 0;
  #told = 0;
  /** Of the frame that `next()` found. */
  frameBytes = 0;

  constructor(ring: RingMemory) {
    this.#ring = ring;
    this.#head = Atomics.load(ring.words, words.head);
    this.#tail = this.#head;
    this.#told = this.#head;
    this.#mostUntoldBytes = ring.capacityBytes * mostUntoldShare;
  }

  /** False when there was a frame to read at this moment. */
  get isEmpty(): boolean {
    return Atomics.load(this.#ring.words, words.tail) === this.#head;
  }

  /** About how many frames there are to read at this moment, taken to be as long as the one that was read last. */
  get framesLeft(): number {
    return ((Atomics.load(this.#ring.words, words.tail) - this.#head) | 0) / this.frameBytes;
  }

  /**
   * Where the next frame begins; −1 where there is none. The same until `done()`. O(1), no allocation.
   * @throws {SandtuneError} when what is there is no frame
   */
  next(): number {
    const { capacityBytes, words: positions, ints } = this.#ring;
    for (;;) {
      if (this.#head === this.#tail) {
        this.#tail = Atomics.load(positions, words.tail);
        if (this.#head === this.#tail) {
          this.#tell();
          return -1;
        }
      }
      const at = this.#head & (capacityBytes - 1);
      const frameBytes = ints[at >> 2] as number;
      const there = (this.#tail - this.#head) | 0;
      if (there < 0 || there > capacityBytes) throw frameError(`at most ${capacityBytes} bytes`, there);
      if (
        frameBytes < frameHeaderBytes ||
        (frameBytes & 7) !== 0 ||
        frameBytes > there ||
        at + frameBytes > capacityBytes
      )
        throw frameError(`a frame of at most ${Math.min(there, capacityBytes - at)} bytes`, `${frameBytes} bytes`);
      this.frameBytes = frameBytes;
      if (ints[(at >> 2) + 1] !== padding) return at;
      this.done();
    }
  }

  /** The frame that `next()` found was read: its place may be used again. */
  done(): void {
    this.#head = (this.#head + this.frameBytes) | 0;
    if (((this.#head - this.#told) | 0) >= this.#mostUntoldBytes) this.#tell();
  }

  #tell(): void {
    if (this.#told === this.#head) return;
    this.#told = this.#head;
    Atomics.store(this.#ring.words, words.head, this.#head);
  }
}
