/**
 * For how long the threads of a pool have waited for what their calls had asked of others: a timer, a socket. A
 * thread of piscina that has no call sleeps outside its event loop (`atomics: 'sync'`, the default), so its loop
 * idles only while it has one. Other pools let their threads idle in the loop as well, and do not tell.
 *
 * A thread that is not given a CPU while its code runs is not idle, so that this tells waiting from starving,
 * which neither its CPU time nor the time of its calls does.
 */
import type { PiscinaPool } from './piscina-shape.ts';

/** What is read of a thread. It is the user's pool: any of it may be missing. */
interface Loop {
  readonly performance?: { eventLoopUtilization?(): { readonly idle: number } };
}

export class OwnWait {
  readonly #pool: Pick<PiscinaPool, 'options' | 'threads'>;
  /** By thread, as far as they are counted. */
  readonly #countedMs = new WeakMap<object, number>();
  #totalMs = 0;

  constructor(pool: Pick<PiscinaPool, 'options' | 'threads'>) {
    this.#pool = pool;
  }

  /** Up to now, ms; NaN where the threads do not tell. O(threads). A thread counts from the first look at it. */
  readMs(): number {
    try {
      if (!sleepsOutsideLoop(this.#pool.options)) return Number.NaN;
      for (const thread of this.#pool.threads as readonly Loop[]) {
        const idleMs = thread.performance?.eventLoopUtilization?.().idle;
        if (idleMs === undefined) return Number.NaN;
        this.#totalMs += Math.max(0, idleMs - (this.#countedMs.get(thread) ?? idleMs));
        this.#countedMs.set(thread, idleMs);
      }
      return this.#totalMs;
    } catch {
      return Number.NaN;
    }
  }
}

/** piscina 4 calls the option `useAtomics`. */
function sleepsOutsideLoop(options: object): boolean {
  const { atomics, useAtomics } = options as { readonly atomics?: unknown; readonly useAtomics?: unknown };
  return atomics === undefined ? useAtomics === true : atomics === 'sync';
}
