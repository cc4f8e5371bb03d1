/**
 * Places for the calls that a worker holds: arrays of one length, made once, so that neither to find a
 * call nor to keep one takes a map or allocates anything. The id of a call is its slot and the generation
 * of that slot, so an id that comes late, twice or from nowhere is told from one that is out.
 */
import { nextGeneration } from './claim.ts';

const slotBits = 10;
export const slotCount = 1 << slotBits;
/** Most calls that a worker may hold: the other slots are for what was taken back and is still to be passed over. */
export const mostDepth = slotCount / 2;

export function slotOfId(id: number): number {
  return id & (slotCount - 1);
}

export function generationOfId(id: number): number {
  return id >>> slotBits;
}

export class Slots<T> {
  /** The content of each slot; null where it is free, or what it had was taken out while its id is still out. */
  readonly contents: (T | null)[] = Array.from({ length: slotCount }, () => null);
  readonly #generations = new Int32Array(slotCount);
  /** 1 while its id is out. */
  readonly #used = new Uint8Array(slotCount);
  /** The free ones, the one that has been free for longest first: neighbours are used together, and lie in one cache line. */
  readonly #free = Int32Array.from({ length: slotCount }, (_, index) => index);
  #firstFree = 0;
  /** Order in which the ids were given out. */
  readonly #turns = new Float64Array(slotCount);
  #freeCount = slotCount;
  #nextTurn = 0;

  /** Ids that are out. */
  get usedCount(): number {
    return slotCount - this.#freeCount;
  }

  /** Keeps `content` and gives its id; −1 where there is no room. O(1), no allocation. */
  put(content: T): number {
    if (this.#freeCount === 0) return -1;
    const slot = this.#free[this.#firstFree] as number;
    this.#firstFree = (this.#firstFree + 1) & (slotCount - 1);
    this.#freeCount--;
    const generation = nextGeneration(this.#generations[slot] as number);
    this.#generations[slot] = generation;
    this.#used[slot] = 1;
    this.#turns[slot] = this.#nextTurn++;
    this.contents[slot] = content;
    return (generation << slotBits) | slot;
  }

  /** True while this id is out. */
  has(id: number): boolean {
    const slot = slotOfId(id);
    return id >= 0 && this.#used[slot] === 1 && this.#generations[slot] === generationOfId(id);
  }

  /** The id is back; its slot may be used again. */
  release(id: number): void {
    const slot = slotOfId(id);
    this.contents[slot] = null;
    this.#used[slot] = 0;
    this.#free[(this.#firstFree + this.#freeCount++) & (slotCount - 1)] = slot;
  }

  /** The ids that are out, in the order they were given out. */
  ids(): readonly number[] {
    const out: number[] = [];
    for (let slot = 0; slot < slotCount; slot++)
      if (this.#used[slot] === 1) out.push(((this.#generations[slot] as number) << slotBits) | slot);
    return out.sort((a, b) => (this.#turns[slotOfId(a)] as number) - (this.#turns[slotOfId(b)] as number));
  }
}
