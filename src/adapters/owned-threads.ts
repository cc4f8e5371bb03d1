/**
 * How many threads of a pool we built are in use, and how many are kept alive. In use: the balancer
 * gives calls to the first K only, at once. Alive: piscina's own min and max follow; a thread that is
 * left over ends when it has nothing to do, unless a trial holds it (then a flip moves only K).
 */
import { Holds } from '../foundation/holds.ts';
import type { FirstThreadsBalancer } from './first-threads-balancer.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import { ReadyThreads } from './ready-threads.ts';

export class OwnedThreads {
  readonly configured: { readonly min: number; readonly max: number };
  readonly #pool: PiscinaPool;
  readonly #balancer: FirstThreadsBalancer;
  readonly #ready: ReadyThreads;
  readonly #holds = new Holds();

  constructor(pool: PiscinaPool<never, unknown>, balancer: FirstThreadsBalancer) {
    this.#pool = pool as unknown as PiscinaPool;
    this.#balancer = balancer;
    this.configured = { min: pool.options.minThreads, max: Math.ceil(pool.options.maxThreads) };
    this.#ready = new ReadyThreads(this.#pool);
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

  /** Keeps `threads` alive until the returned function is called; resolves when they are ready. */
  async hold(threads: number): Promise<() => void> {
    const release = this.#holds.add(threads);
    this.#resize();
    const letGo = () => {
      release();
      this.#resize();
    };
    await this.#ready.start(threads).catch((error) => {
      letGo();
      throw error;
    });
    return letGo;
  }

  /** Ends threads that are left over and have nothing to do. */
  retire(): void {
    const alive = this.#holds.atLeast(this.#balancer.threads);
    const { ending } = this.#balancer;
    const threads = this.#pool.threads.filter((thread) => !ending.has(thread.threadId));
    if (threads.length <= alive) return;
    const newestFirst = threads.toSorted((a, b) => b.threadId - a.threadId).slice(0, threads.length - alive);
    for (const thread of newestFirst) {
      // One that is still starting must not be ended: piscina would start no more.
      if (this.#ready.workerOf(thread.threadId)?.currentUsage !== 0) continue;
      ending.add(thread.threadId);
      this.#ready.ends(thread.threadId);
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
    for (const id of this.#balancer.ending) if (!alive.has(id)) this.#balancer.ending.delete(id);
  }
}
