/**
 * The threads of a pool that `wrap()` builds. The pool's load balancer is ours and gives calls to the
 * first K threads only, so the number of threads in use and the calls each of them takes move live in
 * both directions without a gate. How many threads are alive is set by piscina's own minimum and
 * maximum. A thread beyond them ends when it is idle; one that a trial has reserved stays alive, so
 * that a flip of the trial moves only K.
 */
import { atOnce, executorSpec, type KnobParts } from '../../executor/knob.ts';
import { Reservations } from '../../executor/reservations.ts';
import { Condition } from '../../foundation/condition.ts';
import { asMicrotask } from '../../foundation/turns.ts';
import { type ConfiguredPool, configuredOf } from './configured.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import { optionOfOwnPool } from './pool-option.ts';
import type { PoolThreads } from './pool-threads.ts';
import { ReadyThreads } from './ready-threads.ts';
import { threadsKnob } from './threads-knob.ts';

/** The part of piscina's worker that the load balancer reads. */
export interface BalancedWorker {
  readonly id: number;
  readonly currentUsage: number;
  readonly isRunningAbortableTask: boolean;
}

/** piscina's own rule for choosing a worker (an idle one, else the least busy below a cap), over the first K only. */
export class FirstThreads {
  threads = Number.POSITIVE_INFINITY;
  callsPerThread: number;
  /** Ids of workers that were told to end and have not yet: a call given to one would be lost. */
  readonly ending = new Set<number>();
  /** No worker takes a call, so that piscina starts another for the next one. */
  isShut = false;

  constructor(callsPerThread: number) {
    this.callsPerThread = callsPerThread;
  }

  readonly choose = <W extends BalancedWorker>(call: object, workers: readonly W[]): W | null => {
    if (this.isShut) return null;
    const isAbortable = (call as { readonly isAbortable?: boolean }).isAbortable === true;
    let leastBusy: W | null = null;
    let least = this.callsPerThread;
    for (const worker of this.#first(workers)) {
      if (worker.currentUsage === 0) return worker;
      // An abortable call has its worker to itself: aborting it ends the worker.
      if (isAbortable || worker.isRunningAbortableTask || worker.currentUsage >= least) continue;
      leastBusy = worker;
      least = worker.currentUsage;
    }
    return leastBusy;
  };

  /** The K oldest workers. piscina lists workers in an order that changes, but their ids ascend. */
  #first<W extends BalancedWorker>(workers: readonly W[]): readonly W[] {
    const usable = this.ending.size === 0 ? workers : workers.filter((worker) => !this.ending.has(worker.id));
    if (usable.length <= this.threads) return usable;
    return usable.toSorted((a, b) => a.id - b.id).slice(0, this.threads);
  }
}

export class OwnedThreads implements PoolThreads {
  readonly optionOf = optionOfOwnPool;
  readonly knobs: readonly KnobParts[];
  readonly withheld = {};
  readonly #pool: PiscinaPool;
  readonly #first: FirstThreads;
  readonly #configured: ConfiguredPool;
  readonly #ready: ReadyThreads;
  readonly #reservations: Reservations;
  /** Threads to be kept alive: those in use, and those that trials reserve. */
  #alive: number;
  readonly #idle = new Condition();

  constructor(pool: PiscinaPool, first: FirstThreads, most: number, changed: () => void) {
    this.#pool = pool;
    this.#first = first;
    this.#configured = configuredOf(pool);
    first.threads = this.#configured.maxThreads;
    this.#alive = this.#configured.maxThreads;
    this.#ready = new ReadyThreads({ pool, whileNoneTakes: (run) => this.#whileNoneTakes(run) });
    this.#reservations = new Reservations(
      () => this.#resize(),
      (level) => this.#ready.provide(level),
    );
    pool.on('workerDestroy', () => asMicrotask(() => this.#forgetEnded()));
    this.knobs = [
      threadsKnob({
        configured: this.#configured,
        most,
        down: 'live',
        source: 'wrap({ piscina: { maxThreads } })',
        option: optionOfOwnPool,
        working: () => this.inUse() + this.#surplusAtWork(),
        move: async (threads, inForce) => {
          inForce(threads);
          first.threads = threads;
          this.#resize();
          changed();
          if (this.#pool.queueSize > 0) await this.#ready.start(threads);
          await this.#idle.until(() => this.#surplusAtWork() === 0);
        },
        keep: (threads) => this.#reservations.reserve(threads),
      }),
      callsPerThreadKnob(first),
    ];
  }

  inUse(): number {
    return this.#first.threads;
  }

  callsPerThread(): number {
    return this.#first.callsPerThread;
  }

  /** Ends idle threads beyond `#alive`. */
  tidy(): void {
    this.#idle.notify();
    const { ending } = this.#first;
    if (this.#pool.threads.length <= this.#alive) return;
    const threads = this.#pool.threads.filter((thread) => !ending.has(thread.threadId));
    const surplus = Math.max(0, threads.length - this.#alive);
    for (const thread of threads.toSorted((a, b) => b.threadId - a.threadId).slice(0, surplus)) {
      // A thread that is still starting must not be ended, because piscina would then start no more.
      if (this.#ready.workerOf(thread.threadId)?.currentUsage !== 0) continue;
      ending.add(thread.threadId);
      this.#ready.ends(thread.threadId);
      void thread.terminate();
    }
  }

  closed(): void {
    this.#ready.dispose();
  }

  /** Threads beyond those in use that have not finished the calls they had. */
  #surplusAtWork(): number {
    const { workers } = this.#ready;
    if (workers.length <= this.#first.threads) return 0;
    return workers.slice(this.#first.threads).filter(({ currentUsage }) => currentUsage > 0).length;
  }

  #whileNoneTakes(run: () => void): void {
    this.#first.isShut = true;
    try {
      run();
    } finally {
      this.#first.isShut = false;
    }
  }

  #resize(): void {
    const { options } = this.#pool;
    const used = this.#first.threads;
    this.#alive = this.#reservations.atLeast(used);
    options.maxThreads = this.#alive;
    options.minThreads = this.#reservations.atLeast(Math.min(this.#configured.minThreads, used));
    this.tidy();
  }

  #forgetEnded(): void {
    const alive = new Set(this.#pool.threads.map((thread) => thread.threadId));
    for (const id of this.#first.ending) if (!alive.has(id)) this.#first.ending.delete(id);
    this.#idle.notify();
  }
}

/** How many calls are sent to one worker ahead of its answers, which hides its wake-up between short calls. */
function callsPerThreadKnob(first: FirstThreads): KnobParts<number> {
  const configured = first.callsPerThread;
  return {
    spec: executorSpec({
      id: 'callsPerThread',
      unit: 'calls',
      domain: { min: 1, max: Math.max(16, configured), scale: 'log', integer: true },
      defaultValue: configured,
      source:
        configured === 1
          ? "piscina's default (concurrentTasksPerWorker)"
          : 'wrap({ piscina: { concurrentTasksPerWorker } })',
    }),
    effective: () => first.callsPerThread,
    move: atOnce((value) => {
      first.callsPerThread = value;
    }),
    option: optionOfOwnPool('concurrentTasksPerWorker'),
  };
}
