/**
 * Which records stay where there are too many. At level k those stay whose key has a hash of k leading
 * zeros, about one in 2^k, each with the weight 2^k. What stays at one level stays at every lower one, a key
 * stays or goes as a whole, and the same keys do in every run.
 *
 * The level rises by one each time the buffer comes to the high watermark, and falls by one when as many
 * records as the buffer holds have come since without that.
 */
import type { PartitionPosition } from '../contracts.ts';
import { type KeyOf, recordKey } from './record-key.ts';

const highestLevel = 20;

export class SampleLevel {
  readonly #calmRecords: number;
  #level = 0;
  #sinceChange = 0;
  #pauses = 0;

  /** @param calmRecords records that come without a pause before the level falls */
  constructor(calmRecords: number) {
    this.#calmRecords = calmRecords;
  }

  get level(): number {
    return this.#level;
  }

  /** A record has come. @param pauses how often the credits were paused so far */
  note(pauses: number): void {
    if (pauses > this.#pauses) {
      this.#pauses = pauses;
      this.#level = Math.min(highestLevel, this.#level + 1);
      this.#sinceChange = 0;
    } else if (this.#level > 0 && ++this.#sinceChange >= this.#calmRecords) {
      this.#level--;
      this.#sinceChange = 0;
    }
  }
}

export class Sample {
  readonly #level: SampleLevel;
  readonly #keyOf: KeyOf | undefined;

  /** @param bufferRecords that the buffer holds @param keyOf undefined: the bytes of a record are its key */
  constructor(bufferRecords: number, keyOf: KeyOf | undefined) {
    this.#level = new SampleLevel(bufferRecords);
    this.#keyOf = keyOf;
  }

  /** Of a record that has come, 0 where it goes; an error where it has no key. @param pauses as of the level */
  weightOf({ read }: { readonly read: PartitionPosition }, bytes: Uint8Array, pauses: number): number | Error {
    this.#level.note(pauses);
    const { level } = this.#level;
    if (level === 0) return 1;
    try {
      const { partition, offset } = read;
      return sampledWeight(hashOf(this.#keyOf ? recordKey(this.#keyOf, { partition, offset, bytes }) : bytes), level);
    } catch (error) {
      return error as Error;
    }
  }
}

/** The weight of a record with this key, 0 where it goes. */
export function sampledWeight(hash: number, level: number): number {
  return Math.clz32(hash) >= level ? 2 ** level : 0;
}

/** FNV-1a, 32 bits, with the final avalanche of MurmurHash3, without which the leading bits of short keys are not even. */
export function hashOf(key: Uint8Array | string): number {
  let h = 0x811c9dc5;
  if (typeof key === 'string') for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  else for (const byte of key) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
