/**
 * piscina's own rule for choosing a worker (an idle one, else the least busy below a cap), over the
 * first K workers only. K and the cap may be changed at any time: that makes both of them live in
 * both directions, in a pool we build.
 */

/** As much of piscina's worker as the choice needs. */
export interface BalancedWorker {
  readonly id: number;
  readonly currentUsage: number;
  readonly isRunningAbortableTask: boolean;
}

export class FirstThreadsBalancer {
  threads: number;
  callsPerThread: number;
  /** Ids of workers that were told to end and have not yet: a call given to one would be lost. */
  readonly ending = new Set<number>();

  constructor(threads: number, callsPerThread: number) {
    this.threads = threads;
    this.callsPerThread = callsPerThread;
  }

  choose<W extends BalancedWorker>(isAbortable: boolean, workers: readonly W[]): W | null {
    let chosen: W | null = null;
    let least = this.callsPerThread;
    for (const worker of this.first(workers)) {
      if (worker.currentUsage === 0) return worker;
      // An abortable call has its worker to itself: aborting it ends the worker.
      if (isAbortable || worker.isRunningAbortableTask || worker.currentUsage >= least) continue;
      chosen = worker;
      least = worker.currentUsage;
    }
    return chosen;
  }

  /** The K oldest: piscina lists workers in no order that lasts, but ids ascend. */
  first<W extends BalancedWorker>(workers: readonly W[]): readonly W[] {
    const usable = this.ending.size === 0 ? workers : workers.filter((worker) => !this.ending.has(worker.id));
    if (usable.length <= this.threads) return usable;
    return usable.toSorted((a, b) => a.id - b.id).slice(0, this.threads);
  }
}
