/**
 * Memory that host and worker share, two blocks a call: one for the records and one for the results, of which
 * neither is copied on its way between the threads.
 *
 *   take ─▶ records in ─▶ call ─▶ that of the records is idle; that of the results is held by each record until
 *                          │      it is acknowledged ─▶ idle
 *                          └─ failed: never used again, since what runs late may still write to them
 *
 * What a run still holds at its end is never used again either: it will not hear of what is in flight, which a sink, a
 * reader or a call may have for as long as it likes.
 *
 * Idle blocks are kept, as long as all together are no more than may be in use at once: what goes for good stays in memory until the
 * collectors of both threads have seen that, which of a thread without work may be never, while new ones are made.
 *
 * Blocks of one pool are of one processor, and so of one tenant: what a block had before is not wiped.
 */
const smallestBytes = 65_536;

interface BlockHome {
  idle(block: Block): void;
  lost(block: Block): void;
}

export class Block {
  readonly memory: Uint8Array;
  readonly #home: BlockHome;
  #holders = 1;
  /** What else its run holds. */
  #used = new Set<Block>();

  constructor(byteLength: number, home: BlockHome) {
    this.memory = new Uint8Array(new SharedArrayBuffer(byteLength));
    this.#home = home;
  }

  hold(): void {
    this.#holders++;
  }

  /** The last who lets it go gives it back. Nothing where it was lost. */
  letGo(): void {
    if (--this.#holders !== 0) return;
    this.#used.delete(this);
    this.#home.idle(this);
  }

  /** It is never used again, whoever has it. Once, whoever says so: several records hold one. */
  lose(): void {
    if (this.#holders === Number.POSITIVE_INFINITY) return;
    this.#holders = Number.POSITIVE_INFINITY;
    this.#used.delete(this);
    this.#home.lost(this);
  }

  /** @param used what a run holds, which has this one from now on */
  takenBy(used: Set<Block>): this {
    this.#holders = 1;
    this.#used = used;
    used.add(this);
    return this;
  }
}

export class BlockPool {
  readonly #mostBytes: number;
  readonly #idle = new Map<number, Block[]>();
  /** By the signal of each run, what it holds. */
  readonly #runs = new WeakMap<AbortSignal, Set<Block>>();
  /** Of all blocks that are used or will be. */
  #bytes = 0;

  /** @param mostBytes idle blocks go where all of them, used or idle, would be more */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /**
   * One with at least so many bytes; its sizes are powers of two.
   * @param run fires at its end, not before it takes its last one
   */
  take(byteLength: number, run: AbortSignal): Block {
    const size = Math.max(smallestBytes, 2 ** Math.ceil(Math.log2(Math.max(1, byteLength))));
    return (this.#idle.get(size)?.pop() ?? this.#made(size)).takenBy(this.#usedBy(run));
  }

  #made(size: number): Block {
    this.#makeRoom(size);
    const block = new Block(size, this.#home);
    this.#bytes += size;
    return block;
  }

  #usedBy(run: AbortSignal): Set<Block> {
    const known = this.#runs.get(run);
    if (known) return known;
    const used = new Set<Block>();
    this.#runs.set(run, used);
    const lose = () => {
      for (const block of used) block.lose();
    };
    run.addEventListener('abort', lose, { once: true });
    return used;
  }

  /** @param more bytes that come */
  #makeRoom(more: number): void {
    for (const [size, idle] of this.#idle)
      for (; this.#bytes + more > this.#mostBytes && idle.length > 0; this.#bytes -= size) idle.pop();
  }

  readonly #home: BlockHome = {
    idle: (block) => {
      const size = block.memory.length;
      const idle = this.#idle.get(size) ?? [];
      this.#idle.set(size, idle);
      idle.push(block);
      this.#makeRoom(0);
    },
    lost: ({ memory }) => {
      this.#bytes -= memory.length;
    },
  };
}
