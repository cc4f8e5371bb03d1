/**
 * Buffers that are used again, in three sizes. Who takes one owns it until it is released; at that moment whatever
 * views of it somebody has kept are cut off (its memory moves to another ArrayBuffer, without a copy), so that nobody
 * reads or writes what is somebody else's by then.
 *
 *   take ─▶ idle one of its size? ─ yes ─▶ of another tenant before? ─▶ zeroed ─▶ out ─▶ release ─▶ idle
 *               └ no ─▶ fewer exist than may? ─ yes ─▶ made, of zeros ─▶ out
 *                            └ no ─▶ waits, first come first served, until one is released, or its signal aborts
 *
 * A size that is used up waits for itself alone: that larger ones are free is no reason to take these from who needs
 * them. Pure but for the promises of those who wait.
 */
import { SandtuneError } from '../foundation/errors.ts';
import { checkSignal } from '../foundation/foreign-values.ts';
import { checkInteger, checkKeys, expected, reading } from '../foundation/options.ts';

/** Bytes of a buffer of each tier, ascending. */
export const bufferTierBytes = Object.freeze([1024, 65_536, 1_048_576] as const);

export interface BufferPoolOptions {
  /** Most buffers of 1 KiB, of 64 KiB and of 1 MiB that exist, out and idle: 0 to 2^20 each. @defaultValue [1024, 128, 16] */
  readonly counts?: readonly [number, number, number];
}

export interface TakeBufferOptions {
  /** For whom: what one tenant left in a buffer no other one finds there. @defaultValue '' */
  readonly tenant?: string;
  /** Ends the wait; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface BufferPoolUse {
  /** Of 1 KiB, of 64 KiB, of 1 MiB, in this order. */
  readonly tiers: readonly {
    readonly bytes: number;
    readonly out: number;
    readonly idle: number;
    readonly waiting: number;
  }[];
}

/** A buffer that is owned, until it is released. */
export class PooledBuffer implements Disposable {
  readonly #byteLength: number;
  #memory: ArrayBuffer | undefined;
  readonly #back: (memory: ArrayBuffer) => void;

  /** Made by `BufferPool`. */
  constructor(memory: ArrayBuffer, byteLength: number, back: (memory: ArrayBuffer) => void) {
    this.#memory = memory;
    this.#byteLength = byteLength;
    this.#back = back;
  }

  /**
   * As many bytes as were asked for; of zeros, or what the same tenant left there. Each reading is a view of its own.
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED once it is released
   */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (!this.#memory)
      throw new SandtuneError('ERR_SANDTUNE_CLOSED', 'buffer: expected one that is owned, it was released');
    return new Uint8Array(this.#memory, 0, this.#byteLength);
  }

  /** It may be used again. A second call does nothing. */
  release(): void {
    const memory = this.#memory;
    this.#memory = undefined;
    if (memory) this.#back(memory);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

interface Idle {
  readonly memory: ArrayBuffer;
  readonly tenant: string;
}

interface Waiter {
  readonly byteLength: number;
  readonly tenant: string;
  readonly resolve: (buffer: PooledBuffer) => void;
  readonly reject: (error: unknown) => void;
  readonly settled: () => void;
}

interface Tier {
  readonly bytes: number;
  readonly most: number;
  readonly idle: Idle[];
  /** In the order in which they came. */
  readonly waiting: Set<Waiter>;
  out: number;
}

const defaults = Object.freeze([1024, 128, 16] as const);
const mostCount = 2 ** 20;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export class BufferPool {
  readonly #tiers: readonly Tier[];
  #isClosed = false;

  constructor(options: BufferPoolOptions = {}) {
    const counts = reading('BufferPool', 'options of a pool', options, () => {
      checkKeys('BufferPool', options, ['counts']);
      return checkCounts(options.counts ?? defaults);
    });
    this.#tiers = bufferTierBytes.map((bytes, i) => ({
      bytes,
      most: counts[i] as number,
      idle: [],
      waiting: new Set(),
      out: 0,
    }));
  }

  /** Of now. */
  get use(): BufferPoolUse {
    return {
      tiers: this.#tiers.map(({ bytes, out, idle, waiting }) => ({
        bytes,
        out,
        idle: idle.length,
        waiting: waiting.size,
      })),
    };
  }

  /**
   * One of the smallest size that holds so many bytes. Waits where all of that size are out.
   * @param byteLength 0 to 2^20
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_CLOSED where the pool is closed, or is meanwhile; the signal's reason
   */
  async take(byteLength: number, options: TakeBufferOptions = {}): Promise<PooledBuffer> {
    const { tenant, signal } = checkTake(options);
    const tier = this.#tierFor(byteLength);
    signal?.throwIfAborted();
    return this.#taken(tier, byteLength, tenant) ?? this.#wait(tier, byteLength, tenant, signal);
  }

  /** The same at once: undefined where it would have to wait. O(1), and the zeroing where it is needed. */
  tryTake(byteLength: number, options: Omit<TakeBufferOptions, 'signal'> = {}): PooledBuffer | undefined {
    const { tenant } = checkTake(options);
    return this.#taken(this.#tierFor(byteLength), byteLength, tenant);
  }

  /** Who waits is refused, what is idle is let go, and what is released later is not kept. */
  close(): void {
    this.#isClosed = true;
    for (const tier of this.#tiers) {
      tier.idle.length = 0;
      for (const waiter of tier.waiting) {
        waiter.settled();
        waiter.reject(closedError());
      }
      tier.waiting.clear();
    }
  }

  #tierFor(byteLength: number): Tier {
    if (this.#isClosed) throw closedError();
    const holds = this.#tiers.filter(({ most }) => most > 0);
    checkInteger('byteLength', byteLength, { min: 0, max: holds.at(-1)?.bytes ?? 0 });
    return holds.find(({ bytes }) => bytes >= byteLength) as Tier;
  }

  #taken(tier: Tier, byteLength: number, tenant: string): PooledBuffer | undefined {
    const idle = tier.idle.pop();
    if (!idle && tier.out >= tier.most) return undefined;
    // Where the system has no memory this throws, and nothing of the pool is taken.
    const given = idle ?? { memory: new ArrayBuffer(tier.bytes), tenant };
    tier.out++;
    return this.#own(tier, given, byteLength, tenant);
  }

  #own(tier: Tier, { memory, tenant: before }: Idle, byteLength: number, tenant: string): PooledBuffer {
    if (before !== tenant) new Uint8Array(memory).fill(0);
    return new PooledBuffer(memory, byteLength, (given) => this.#back(tier, given, tenant));
  }

  #back(tier: Tier, memory: ArrayBuffer, tenant: string): void {
    // Memory that was moved to another thread meanwhile is replaced: the place in the pool is free again all the same.
    const kept = memory.detached ? new ArrayBuffer(tier.bytes) : memory.transfer();
    if (this.#isClosed) {
      tier.out--;
      return;
    }
    const idle = { memory: kept, tenant };
    const [waiter] = tier.waiting;
    if (!waiter) {
      tier.out--;
      tier.idle.push(idle);
      return;
    }
    // From hand to hand: nobody who comes now gets it before who has waited.
    tier.waiting.delete(waiter);
    waiter.settled();
    waiter.resolve(this.#own(tier, idle, waiter.byteLength, waiter.tenant));
  }

  #wait(tier: Tier, byteLength: number, tenant: string, signal: AbortSignal | undefined): Promise<PooledBuffer> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        tier.waiting.delete(waiter);
        reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      const waiter: Waiter = { byteLength, tenant, resolve, reject, settled };
      tier.waiting.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

function checkTake(options: TakeBufferOptions): { readonly tenant: string; readonly signal: AbortSignal | undefined } {
  return reading('take()', 'options of taking a buffer', options, () => {
    checkKeys('take()', options, ['tenant', 'signal']);
    const { tenant = '', signal } = options;
    if (typeof tenant !== 'string') throw expected('tenant', 'a text', tenant);
    return { tenant, signal: signal && checkSignal('signal', signal) };
  });
}

function checkCounts(counts: unknown): readonly number[] {
  if (!Array.isArray(counts) || counts.length !== bufferTierBytes.length)
    throw expected('counts', 'three numbers: of 1 KiB, of 64 KiB, of 1 MiB', counts);
  const checked = counts.map((one) => checkInteger('counts', one, { min: 0, max: mostCount }));
  if (checked.every((one) => one === 0)) throw expected('counts', 'at least one buffer', counts);
  return checked;
}

function closedError(): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_CLOSED', 'BufferPool: expected it to be open, it was closed');
}
