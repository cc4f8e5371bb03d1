/**
 * Memory that host and worker share, two blocks a call: one for the records and one for the results, of which
 * neither is copied on its way between the threads.
 *
 *   take ─▶ records in ─▶ call ─▶ that of the records is idle; that of the results is held by each record until
 *                          │      it is acknowledged ─▶ idle
 *                          └─ failed: never used again, since what runs late may still write to them
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

  constructor(byteLength: number, home: BlockHome) {
    this.memory = new Uint8Array(new SharedArrayBuffer(byteLength));
    this.#home = home;
  }

  hold(): void {
    this.#holders++;
  }

  /** The last who lets it go gives it back. */
  letGo(): void {
    if (--this.#holders === 0) this.#home.idle(this);
  }

  /** It is never used again. */
  lose(): void {
    this.#holders = Number.POSITIVE_INFINITY;
    this.#home.lost(this);
  }

  /** It is taken again. */
  taken(): this {
    this.#holders = 1;
    return this;
  }
}

export class BlockPool {
  readonly #mostBytes: number;
  readonly #idle = new Map<number, Block[]>();
  /** Of all blocks that are used or will be. */
  #bytes = 0;

  /** @param mostBytes idle blocks go where all of them, used or idle, would be more */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** One with at least so many bytes; its sizes are powers of two. */
  take(byteLength: number): Block {
    const size = Math.max(smallestBytes, 2 ** Math.ceil(Math.log2(Math.max(1, byteLength))));
    const idle = this.#idle.get(size)?.pop();
    if (idle) return idle.taken();
    this.#bytes += size;
    this.#makeRoom();
    return new Block(size, this.#home);
  }

  #makeRoom(): void {
    for (const [size, idle] of this.#idle)
      for (; this.#bytes > this.#mostBytes && idle.length > 0; this.#bytes -= size) idle.pop();
  }

  readonly #home: BlockHome = {
    idle: (block) => {
      const size = block.memory.length;
      const idle = this.#idle.get(size) ?? [];
      this.#idle.set(size, idle);
      idle.push(block);
      this.#makeRoom();
    },
    lost: ({ memory }) => {
      this.#bytes -= memory.length;
    },
  };
}
