/**
 * The threads of a pool that the user built. When the knob is raised, piscina starts more threads as soon
 * as calls wait. When it is lowered, piscina would end none under load, so a gate lets in no more calls
 * than that many threads take. Until the knob is moved, the pool is as the user configured it and the
 * gate is open.
 */
import type { KnobParts } from '../../executor/knob.ts';
import { Reservations } from '../../executor/reservations.ts';
import { type ConfiguredPool, configuredOf } from './configured.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import type { PoolThreads, ResolvedPoolOptions } from './pool-executor.ts';
import { ReadyThreads } from './ready-threads.ts';
import { threadsKnob } from './threads-knob.ts';

export class GatedThreads implements PoolThreads {
  readonly knobs: readonly KnobParts[];
  readonly #pool: PiscinaPool;
  readonly #gate: { limit: number };
  readonly #configured: ConfiguredPool;
  readonly #reservations: Reservations;
  #threads: number;
  #mostEver: number;
  #concurrency: number;

  constructor(pool: PiscinaPool, { maxThreads }: ResolvedPoolOptions, gate: { limit: number }, changed: () => void) {
    this.#pool = pool;
    this.#gate = gate;
    this.#configured = configuredOf(pool);
    this.#threads = this.#configured.maxThreads;
    // A wrap before this one may have raised it.
    this.#mostEver = Math.max(this.#threads, Math.ceil(pool.options.maxThreads));
    this.#concurrency = gate.limit;
    const ready = new ReadyThreads(pool);
    this.#reservations = new Reservations(
      () => this.#settle(),
      (level) => ready.start(level),
    );
    this.knobs = [
      threadsKnob({
        configured: this.#configured,
        most: maxThreads,
        down: 'gate',
        source: 'new Piscina({ maxThreads })',
        inUse: () => this.inUse(),
        use: (threads) => {
          this.#threads = threads;
          this.#settle();
          changed();
        },
        reservations: this.#reservations,
      }),
    ];
  }

  /** The gate that `concurrency` moves. A lowered `threads` shuts it as well; the lower of the two limits holds. */
  get gate(): { limit: number } {
    const concurrency = () => this.#concurrency;
    const move = (limit: number) => {
      this.#concurrency = limit;
      this.#settle();
    };
    return {
      get limit() {
        return concurrency();
      },
      set limit(value) {
        move(value);
      },
    };
  }

  inUse(): number {
    const allowed = Math.max(1, Math.ceil(this.#pool.options.maxThreads));
    return this.#gate.limit < Number.POSITIVE_INFINITY ? Math.min(this.#threads, allowed) : allowed;
  }

  tidy(): void {}

  #settle(): void {
    const { options } = this.#pool;
    options.maxThreads = this.#reservations.atLeast(this.#threads);
    options.minThreads = this.#reservations.atLeast(Math.min(this.#configured.minThreads, this.#threads));
    this.#mostEver = Math.max(this.#mostEver, options.maxThreads);
    const taken = this.#threads * options.concurrentTasksPerWorker;
    this.#gate.limit = Math.min(this.#concurrency, this.#threads < this.#mostEver ? taken : Number.POSITIVE_INFINITY);
  }
}
