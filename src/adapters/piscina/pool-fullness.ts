/**
 * piscina knows that a pool is full, and needs a drain, by the calls that would fill the threads it was made
 * with. Where fewer are in use, one of them counts for those that are not, once it is full itself.
 */
import type { PiscinaPool } from './piscina-shape.ts';
import { coverUsage, uncoverUsage, usageOf, type WorkerRecord } from './worker-record.ts';

export class PoolFullness {
  readonly #callsPerThread: number;
  readonly #threads: number;
  #teller: WorkerRecord | null = null;

  /** @param threads that the pool was made with; piscina's default may not be whole, and then the pool is never full */
  constructor({ options }: PiscinaPool, threads: number) {
    this.#callsPerThread = options.concurrentTasksPerWorker;
    this.#threads = threads;
  }

  /** @param records of the threads in use, `inUse` of them or fewer: none of them is held */
  tellBy(records: readonly WorkerRecord[], inUse: number): void {
    const [first = null] = records;
    const callsPerThread = this.#callsPerThread;
    const missing = (this.#threads - inUse) * callsPerThread;
    const teller = missing > 0 ? first : null;
    if (this.#teller && this.#teller !== teller && records.includes(this.#teller)) uncoverUsage(this.#teller);
    this.#teller = teller;
    if (teller === null) return;
    coverUsage(teller, () => {
      const usage = usageOf(teller);
      return usage >= callsPerThread ? usage + missing : usage;
    });
  }

  /** piscina goes by its own count again. */
  end(): void {
    if (this.#teller) uncoverUsage(this.#teller);
    this.#teller = null;
  }
}
