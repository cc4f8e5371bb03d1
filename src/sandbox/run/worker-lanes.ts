/**
 * The workers as the dispatcher sees them: which may be given a batch, which have one out, what
 * they have confirmed. The first K that are alive are in use; those beyond are kept warm for a
 * trial, or end as soon as they are idle.
 */
import type { Clock } from '../../foundation/clock.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import type { CallBooks } from '../../measure/call.ts';
import type { Batch } from './batch.ts';
import type { Call } from './call.ts';
import { LaneState } from './lane-state.ts';
import { type Lane, type PoolOptions, WorkerPool } from './pool.ts';
import { checkGuest, type Failure, ints, shared, sharedInts } from './protocol.ts';

export interface LaneEvents {
  started(): void;
  /** A lane can be given a batch that could not before. */
  free(): void;
  returned(state: LaneState, batch: Batch, values: readonly unknown[]): void;
  failed(state: LaneState, batch: Batch, error: unknown): void;
  overran(state: LaneState, index: number): void;
  broken(error: unknown): void;
  wanted(): boolean;
}

interface Wait {
  /** It takes workers that are still to start: in vain when none can be started. */
  readonly forWorkers: boolean;
  readonly reached: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class WorkerLanes {
  readonly pool: WorkerPool;
  readonly #events: LaneEvents;
  readonly #clock: Clock;
  readonly #books: CallBooks;
  readonly #memory: SharedArrayBuffer;
  readonly #shared: Int32Array;
  #states: LaneState[] = [];
  #waits: Wait[] = [];
  #limit: number;
  #goneBusyMs = 0;
  /** Why nothing is reached any more, once the workers are gone. */
  #ended: SandtuneError | undefined;

  constructor(options: Omit<PoolOptions, 'events'>, books: CallBooks, events: LaneEvents) {
    this.#events = events;
    this.#clock = options.clock;
    this.#books = books;
    this.#memory = options.setup.memory;
    this.#shared = sharedInts(this.#memory);
    this.#limit = options.threads;
    this.pool = new WorkerPool({
      workerUrl: options.workerUrl,
      setup: options.setup,
      threads: options.threads,
      maxThreads: options.maxThreads,
      clock: options.clock,
      timers: options.timers,
      events: {
        ready: (lane) => this.#ready(lane),
        gone: (lane) => this.#gone(lane),
        broken: (error) => this.#broken(error),
        wanted: () => this.#waits.some(({ forWorkers }) => forWorkers) || events.wanted(),
      },
    });
  }

  /**
   * Resolves once every worker has loaded what it needs and answered, the first one after bringing
   * up `guests`.
   * @returns the failures, one a guest at most, `index` into `guests`
   * @throws what a worker threw while it started
   */
  async start(guests: readonly number[]): Promise<readonly Failure[]> {
    await this.#until(() => this.#states.length >= this.pool.target, true);
    const answers = await Promise.all(
      this.#states.map((state, index) => {
        const asked = index === 0 ? guests : [];
        const message = [...state.begin([])];
        message[1] = asked.length;
        message.push(...asked.flatMap((guest) => [checkGuest(guest), 0]));
        return this.pool.send(state.lane, message).finally(() => {
          state.batch = null;
        }) as Promise<readonly unknown[]>;
      }),
    );
    return (answers[0]?.[guests.length] ?? []) as readonly Failure[];
  }

  get all(): readonly LaneState[] {
    return this.#states;
  }

  /** The first K alive. */
  get inUse(): readonly LaneState[] {
    return this.#states.filter(({ lane }) => !lane.doomed).slice(0, this.#limit);
  }

  get freeCount(): number {
    return this.inUse.filter(({ idle }) => idle).length;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Workers calls are routed to: alive or being replaced, and those beyond the limit that still have a batch out. */
  get effectiveLimit(): number {
    const inUse = this.inUse;
    const alive = this.#states.filter(({ lane }) => !lane.doomed).length;
    const replacing = Math.max(0, this.pool.size - alive);
    const finishing = this.#states.filter(
      (state) => state.batch !== null && !state.lane.doomed && !inUse.includes(state),
    ).length;
    return Math.min(this.#limit, inUse.length + replacing) + finishing;
  }

  /** Sum over workers of the time with a batch out, up to now, ms. */
  get busyMs(): number {
    const nowMs = this.#clock.now();
    return this.#states.reduce(
      (sum, { busyMs, batch }) => sum + busyMs + (batch ? nowMs - batch.atMs : 0),
      this.#goneBusyMs,
    );
  }

  get guestBytes(): number {
    return this.#states.reduce((sum, state) => sum + state.guestBytes, 0);
  }

  /** The first of the first K that has no batch out. O(K). */
  firstFree(): LaneState | undefined {
    let seen = 0;
    for (let i = 0; i < this.#states.length && seen < this.#limit; i++) {
      const state = this.#states[i] as LaneState;
      if (state.lane.doomed) continue;
      if (state.batch === null) return state;
      seen++;
    }
    return undefined;
  }

  send(state: LaneState, calls: readonly Call[]): void {
    const message = state.begin(calls);
    const batch = state.batch as Batch;
    this.pool.send(state.lane, message).then(
      (values) => this.#back(state, batch, values as readonly unknown[]),
      (error: unknown) => this.#lost(state, batch, error),
    );
  }

  end(state: LaneState): void {
    this.pool.end(state.lane);
  }

  /**
   * Moves the limit at once. Resolves when no more than `limit` workers have a batch out.
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED when the workers are ended first; likewise below
   */
  async route(limit: number): Promise<void> {
    this.#limit = limit;
    this.#events.free();
    await this.#until(() => this.effectiveLimit <= limit, false);
  }

  /**
   * Keeps `target` workers alive. Resolves when they are ready; surplus ones end when they are idle.
   * @throws what a worker threw while it started, when none can be started
   */
  async resize(target: number): Promise<void> {
    this.retarget(target);
    await this.#until(() => this.#states.filter(({ lane }) => !lane.doomed).length >= target, true);
  }

  /** The same without waiting for anything: enough where fewer workers are wanted. */
  retarget(target: number): void {
    this.pool.resize(target);
    this.#endSurplus();
  }

  /** Resolves when all workers in use have worked under the cache capacity that is now in shared memory. */
  async confirmCapacity(): Promise<void> {
    for (const state of this.inUse) state.unconfirmed = true;
    this.#events.free();
    await this.#until(() => this.inUse.every(({ unconfirmed }) => !unconfirmed), false);
  }

  /** Workers with nothing to do answer an empty batch, if they owe an answer. */
  confirmIdle(): void {
    if (this.#waits.length === 0) return;
    for (const state of this.#states) if (state.unconfirmed && state.idle) this.send(state, []);
  }

  async destroy(): Promise<void> {
    await this.pool.destroy();
    this.#ended = new SandtuneError(
      'ERR_SANDTUNE_CLOSED',
      'sandbox: expected to stay open until a knob had moved, got close()',
    );
    this.#refuse(this.#waits, this.#ended);
  }

  /** Resolves when `reached()`; looked at whenever a worker comes, goes or answers. */
  #until(reached: () => boolean, forWorkers: boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waits.push({ forWorkers, reached, resolve, reject }));
  }

  #back(state: LaneState, batch: Batch, values: readonly unknown[]): void {
    state.batch = null;
    state.busyMs += this.#clock.now() - batch.atMs;
    state.capacity = state.slotOf(batch).ints[ints.capacity];
    if (state.capacity === Atomics.load(this.#shared, shared.capacity)) state.unconfirmed = false;
    if (this.#states.length > this.pool.target) this.#endSurplus();
    this.#events.returned(state, batch, values);
    if (this.#waits.length > 0) this.#look();
  }

  #lost(state: LaneState, batch: Batch, error: unknown): void {
    state.batch = null;
    this.#goneBusyMs += this.#clock.now() - batch.atMs;
    this.#events.failed(state, batch, error);
    this.#look();
  }

  #ready(lane: Lane): void {
    this.#states.push(
      new LaneState(lane, this.#memory, this.#books, (state, index) => this.#events.overran(state, index)),
    );
    this.#endSurplus();
    this.#events.started();
    this.#events.free();
    this.#look();
  }

  #gone(lane: Lane): void {
    const state = this.#states.find((one) => one.lane === lane);
    this.#states = this.#states.filter((one) => one !== state);
    this.#goneBusyMs += state?.busyMs ?? 0;
    this.#look();
  }

  #broken(error: unknown): void {
    if (this.#states.length === 0) this.#events.broken(error);
    this.#refuse(
      this.#waits.filter(({ forWorkers }) => forWorkers),
      error,
    );
  }

  /** Ends idle workers beyond the target, last first. */
  #endSurplus(): void {
    const alive = this.#states.filter(({ lane }) => !lane.doomed);
    for (const state of alive.slice(this.pool.target)) if (state.batch === null) this.pool.end(state.lane);
  }

  #look(): void {
    const reached = this.#waits.filter((wait) => wait.reached());
    if (reached.length === 0) return;
    this.#waits = this.#waits.filter((wait) => !reached.includes(wait));
    for (const { resolve } of reached) resolve();
  }

  #refuse(refused: readonly Wait[], error: unknown): void {
    this.#waits = this.#waits.filter((wait) => !refused.includes(wait));
    for (const { reject } of refused) reject(error);
  }
}
