/**
 * How many threads of a pool we built are in use, and how many are kept alive. In use: the balancer
 * gives calls to the first K only, at once. Alive: piscina's own min and max follow; a thread that is
 * left over ends when it has nothing to do, unless a trial holds it (then a flip moves only K).
 */
import { Holds } from '../foundation/holds.ts';
import type { FirstThreadsBalancer } from './first-threads-balancer.ts';
import type { PiscinaPool, PiscinaWorker } from './piscina-shape.ts';

export class OwnedThreads {
  readonly configured: { readonly min: number; readonly max: number };
  readonly #pool: PiscinaPool;
  readonly #balancer: FirstThreadsBalancer;
  /** Workers that are ready. One that is still starting must not be ended: piscina would start no more. */
  readonly #ready = new Map<number, PiscinaWorker>();
  readonly #holds = new Holds();

  constructor(pool: PiscinaPool<never, unknown>, balancer: FirstThreadsBalancer) {
    this.#pool = pool as unknown as PiscinaPool;
    this.#balancer = balancer;
    this.configured = { min: pool.options.minThreads, max: Math.ceil(pool.options.maxThreads) };
    pool.on('workerCreate', (worker) => {
      this.#ready.set(worker.id, worker);
    });
    pool.on('workerDestroy', () => queueMicrotask(() => this.#forgetEnded()));
  }

  get threads(): number {
    return this.#balancer.threads;
  }

  /** From now on calls go to the first `threads` only. */
  use(threads: number): void {
    this.#balancer.threads = threads;
    this.#resize();
  }

  /** Keeps `threads` alive, and starts them now, until the returned function is called. */
  hold(threads: number): () => void {
    const release = this.#holds.add(threads);
    this.#resize();
    this.#startMissing(threads);
    return () => {
      release();
      this.#resize();
    };
  }

  /** Ends threads that are left over and have nothing to do. */
  retire(): void {
    const alive = this.#holds.atLeast(this.#balancer.threads);
    const { ending } = this.#balancer;
    const threads = this.#pool.threads.filter((thread) => !ending.has(thread.threadId));
    if (threads.length <= alive) return;
    const newestFirst = threads.toSorted((a, b) => b.threadId - a.threadId).slice(0, threads.length - alive);
    for (const thread of newestFirst) {
      if (this.#ready.get(thread.threadId)?.currentUsage !== 0) continue;
      ending.add(thread.threadId);
      void thread.terminate();
    }
  }

  #resize(): void {
    const { options } = this.#pool;
    const used = this.#balancer.threads;
    options.maxThreads = this.#holds.atLeast(used);
    options.minThreads = this.#holds.atLeast(Math.min(this.configured.min, used));
    this.retire();
  }

  #forgetEnded(): void {
    const alive = new Set(this.#pool.threads.map((thread) => thread.threadId));
    for (const id of this.#ready.keys()) if (!alive.has(id)) this.#ready.delete(id);
    for (const id of this.#balancer.ending) if (!alive.has(id)) this.#balancer.ending.delete(id);
  }

  /** piscina starts a thread for a call that finds none; taking that call back leaves just the thread. */
  #startMissing(held: number): void {
    const { threads } = this.#pool;
    this.#balancer.refuses = true;
    try {
      for (let missing = held - threads.length; missing > 0; missing--) {
        const taken = new AbortController();
        this.#pool.run(undefined, { signal: taken.signal }).catch(() => {});
        taken.abort();
      }
    } finally {
      this.#balancer.refuses = false;
    }
  }
}
