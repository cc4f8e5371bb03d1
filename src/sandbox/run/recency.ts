/**
 * How recently each of a fixed number of keys was used: the exact LRU rank of every use, in some tens of
 * nanoseconds for any number of keys.
 *
 * Each use takes the next moment, and only the newest use of a key keeps its own. So a key's rank is how many
 * moments after its own are kept. They are bits in words of 32, and a tree over the words counts them: node n
 * has the children 2n and 2n + 1, the root is 1. When the moments run out, the kept ones are moved together at
 * the beginning.
 * @see Bennett, Kruskal 1975, "LRU stack processing" (moments in place of a list, a tree that counts them)
 */

const never = -1;
/** log2 of the moments in a word. */
const word = 5;
/** Moments run out after at least three times as many uses as there are keys to move. */
const momentsPerKey = 4;

export class Recency {
  /** By key; `never` before its first use. */
  readonly #momentOf: Int32Array;
  /** By moment. Meaningful where the moment is kept. */
  readonly #keyAt: Int32Array;
  readonly #kept: Int32Array;
  /** By node, the leaves last: how many moments are kept below it. */
  readonly #below: Int32Array;
  #next = 0;

  /** @param keyCount keys are 0 to keyCount − 1. Takes about 25 bytes a key */
  constructor(keyCount: number) {
    const leaves = 2 ** Math.ceil(Math.log2((momentsPerKey * keyCount + 1) / (1 << word) + 1));
    this.#momentOf = new Int32Array(keyCount).fill(never);
    this.#keyAt = new Int32Array(leaves << word);
    this.#kept = new Int32Array(leaves);
    this.#below = new Int32Array(2 * leaves);
  }

  /** Keys that were ever used. */
  get count(): number {
    return this.#below[1] as number;
  }

  /** Of memory. */
  get bytes(): number {
    const parts = [this.#momentOf, this.#keyAt, this.#kept, this.#below];
    return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The rank at which the key was found, 0 the most recent, −1 where it was never used. It has rank 0 then. */
  use(key: number): number {
    const before = this.#momentOf[key] as number;
    // Nothing comes before the key then, and nothing has to move.
    if (before >= 0 && before === this.#next - 1) return 0;
    if (this.#next === this.#keyAt.length) this.#moveTogether();
    const moment = this.#next++;
    const rank = before === never ? never : this.#move(this.#momentOf[key] as number, moment);
    if (before === never) this.#enter(moment);
    this.#momentOf[key] = moment;
    this.#keyAt[moment] = key;
    return rank;
  }

  /** The key at a rank, which is below `count`. */
  at(rank: number): number {
    const below = this.#below;
    let after = rank;
    let node = 1;
    while (node < this.#kept.length) {
      node = 2 * node + 1;
      if (after < (below[node] as number)) continue;
      after -= below[node] as number;
      node--;
    }
    const leaf = node - this.#kept.length;
    let bits = this.#kept[leaf] as number;
    for (; after > 0; after--) bits &= ~(1 << (31 - Math.clz32(bits)));
    return this.#keyAt[(leaf << word) + 31 - Math.clz32(bits)] as number;
  }

  /** Keeps the newest moment, of a key that has none. */
  #enter(moment: number): void {
    const leaf = moment >> word;
    const [kept, below] = [this.#kept, this.#below];
    kept[leaf] = (kept[leaf] as number) | (1 << (moment & 31));
    for (let node = kept.length + leaf; node > 0; node >>= 1) below[node] = (below[node] as number) + 1;
  }

  /**
   * Keeps the newest moment in place of an older one. How many after that one were kept.
   *
   * Both are below the node at which their ways to the root meet, so that no count changes from there on; and nothing
   * right of it is kept, since the newest moment is.
   */
  #move(from: number, to: number): number {
    const kept = this.#kept;
    const below = this.#below;
    const [left, right] = [from >> word, to >> word];
    const bits = kept[left] as number;
    kept[left] = bits & ~(1 << (from & 31));
    // Two shifts, since one of 32 shifts by nothing.
    let after = bitCount((bits >>> (from & 31)) >>> 1);
    let node = kept.length + left;
    for (let other = kept.length + right; node !== other; node >>= 1, other >>= 1) {
      below[node] = (below[node] as number) - 1;
      // The sibling of a left child counts, with no branch that a processor would have to guess.
      after += (below[node | 1] as number) & ((node & 1) - 1);
      below[other] = (below[other] as number) + 1;
    }
    kept[right] = (kept[right] as number) | (1 << (to & 31));
    return after;
  }

  /** O(moments / 32 + keys). */
  #moveTogether(): void {
    const kept = this.#kept;
    const below = this.#below;
    let count = 0;
    for (let leaf = 0; leaf < kept.length; leaf++) {
      for (let bits = kept[leaf] as number; bits !== 0; bits &= bits - 1) {
        const key = this.#keyAt[(leaf << word) + 31 - Math.clz32(bits & -bits)] as number;
        this.#keyAt[count] = key;
        this.#momentOf[key] = count++;
      }
    }
    this.#next = count;
    const whole = count >> word;
    kept.fill(-1, 0, whole).fill(0, whole);
    kept[whole] = (1 << (count & 31)) - 1;
    for (let leaf = 0; leaf < kept.length; leaf++) below[kept.length + leaf] = bitCount(kept[leaf] as number);
    for (let node = kept.length - 1; node > 0; node--)
      below[node] = (below[2 * node] as number) + (below[2 * node + 1] as number);
  }
}

/** @see Warren, "Hacker's Delight", §5-1 */
function bitCount(bits: number): number {
  let v = bits - ((bits >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
