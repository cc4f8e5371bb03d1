/**
 * Memory that host and worker share, two blocks a call: one for the records and one for the results, of which
 * neither is copied on its way between the threads.
 *
 *   take ─▶ records in ─▶ call ─▶ that of the records is idle; that of the results is held by each record until
 *                          │      it is acknowledged ─▶ idle
 *                          └─ failed: never used again, since what runs late may still write to them
 *
 * Blocks of one pool are of one processor, and so of one tenant: what a block had before is not wiped.
 */
const smallestBytes = 65_536;
/** Idle blocks of one size that are kept. */
const mostIdle = 16;

export class Block {
  readonly memory: Uint8Array;
  readonly #idle: (block: Block) => void;
  #holders = 1;

  constructor(byteLength: number, idle: (block: Block) => void) {
    this.memory = new Uint8Array(new SharedArrayBuffer(byteLength));
    this.#idle = idle;
  }

  hold(): void {
    this.#holders++;
  }

  /** The last who lets it go gives it back. */
  letGo(): void {
    if (--this.#holders === 0) this.#idle(this);
  }

  /** It is taken again. */
  taken(): this {
    this.#holders = 1;
    return this;
  }
}

export class BlockPool {
  readonly #idle = new Map<number, Block[]>();

  /** One with at least so many bytes; its sizes are powers of two. */
  take(byteLength: number): Block {
    const size = Math.max(smallestBytes, 2 ** Math.ceil(Math.log2(Math.max(1, byteLength))));
    return this.#idle.get(size)?.pop()?.taken() ?? new Block(size, this.#back);
  }

  readonly #back = (block: Block): void => {
    const size = block.memory.length;
    const idle = this.#idle.get(size) ?? [];
    this.#idle.set(size, idle);
    if (idle.length < mostIdle) idle.push(block);
  };
}
