/**
 * The threads of a pool that the user built. When the knob is raised, piscina starts more as soon as
 * calls wait. When it is lowered, piscina would end none under load, so the surplus is *held*: it finishes
 * the calls it has and is given no more. The calls wait in the pool's own queue, so `queueSize`,
 * `needsDrain`, the order of the queue and `close()` are the pool's own, also for calls made past the wrap.
 *
 *   in use (the oldest) │ held for a trial │ held until they have no call left, and end
 *
 * Where the knob stands where the pool was configured, and no trial keeps more, nothing is held and no
 * option differs. There is one of these a pool, however often it is wrapped.
 */
import { Reservations } from '../../executor/reservations.ts';
import { Condition } from '../../foundation/condition.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import { processWide } from '../../foundation/process-wide.ts';
import { type ConfiguredPool, configuredOf } from './configured.ts';
import { isInTime, longestWaitMs } from './in-time.ts';
import { LeavingThreads } from './leaving-threads.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import { PoolFullness } from './pool-fullness.ts';
import { ReadyThreads } from './ready-threads.ts';
import {
  coverUsage,
  offerCalls,
  staysBusyForNow,
  uncoverUsage,
  usageOf,
  type WorkerRecord,
  whileNoneTakes,
  workerRecordOf,
} from './worker-record.ts';

const known = processWide('held-threads', () => new WeakMap<object, HeldThreads>());

export class HeldThreads {
  readonly configured: ConfiguredPool;
  readonly #reservations: Reservations;
  readonly #pool: PiscinaPool;
  readonly #ready: ReadyThreads;
  readonly #leaving: LeavingThreads;
  readonly #fullness: PoolFullness;
  readonly #idle = new Condition();
  /** Those who are told that another number is in use. */
  readonly #listeners = new Set<() => void>();
  /** By whether they are to end. */
  readonly #held = new Map<WorkerRecord, boolean>();
  #threads: number;
  /** The pool's `maxThreads`, but for those that leave. */
  #most: number;
  /** What `maxThreads` was set to; what it says otherwise was set by the user. */
  #mostSet: number;
  /** No thread is held before the knob is moved or a trial keeps one. */
  #hasMoved = false;
  /** Those who keep threads. */
  #keepers = 0;
  /** Threads that there were before somebody kept some; null where nobody does. */
  #before: number | null = null;
  /** Threads in use that nobody keeps any longer have not yet been left to the pool's own rules. */
  #mayIdle = false;

  static of(pool: PiscinaPool): HeldThreads {
    const held = known.get(pool.options) ?? new HeldThreads(pool);
    known.set(pool.options, held);
    return held;
  }

  private constructor(pool: PiscinaPool) {
    this.#pool = pool;
    this.configured = configuredOf(pool);
    // A wrap before this one may have moved it.
    this.#threads = Math.max(1, Math.ceil(pool.options.maxThreads));
    this.#most = pool.options.maxThreads;
    this.#mostSet = this.#most;
    this.#leaving = new LeavingThreads(pool);
    this.#fullness = new PoolFullness(pool, this.configured.givenMaxThreads);
    this.#ready = new ReadyThreads({
      pool,
      whileNoneTakes: (run) => whileNoneTakes(this.#records(), run),
      changed: () => this.#arrange(),
    });
    this.#reservations = new Reservations(
      () => this.#settle(),
      (level) => this.#start(level),
    );
  }

  /** @returns stops telling; with the last listener gone, nothing is held and the pool is listened to no longer */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  /** Threads that calls may go to, ≥ 1. O(1), no allocation. */
  get inUse(): number {
    const { maxThreads } = this.#pool.options;
    return maxThreads === this.#mostSet ? this.#threads : Math.max(1, Math.ceil(maxThreads));
  }

  /** Threads that work: a held one does as long as it has a call, and one that cannot be had does not though calls wait. */
  get working(): number {
    const { inUse } = this;
    const surplus = this.#surplusAtWork();
    if (!this.#hasMoved || surplus > 0) return inUse + surplus;
    const there = this.#pool.threads.length - this.#held.size;
    const isShort = there < inUse && this.#pool.queueSize > 0 && this.#ready.areAllReady;
    return isShort ? Math.max(1, there) : inUse;
  }

  /** Resolves when no more than `threads` work, and as many are there as the pool is to have at least; where calls wait, `threads`. */
  async move(threads: number, inForce: (threads: number) => void): Promise<void> {
    await this.#knowAll();
    inForce(threads);
    this.#threads = threads;
    this.#settle();
    for (const listener of this.#listeners) listener();
    // piscina starts the threads of its minimum only where it is made and where one has died.
    const wanted = this.#pool.queueSize > 0 ? threads : this.#least;
    if (this.#pool.threads.length < wanted) await this.#ready.start(wanted);
    await this.#idle.until(() => this.#surplusAtWork() === 0 && this.#leaving.areGone);
  }

  /**
   * Resolves when `threads` are there and no more than are in use work, kept until what it resolves with is
   * called: piscina gives a call that waits to a thread that still starts, which cannot be held before it has.
   */
  async keep(threads: number): Promise<() => Promise<void>> {
    this.#keepers++;
    this.#before ??= this.#pool.threads.length;
    const release = await this.#reservations.reserve(threads).catch((error: unknown) => {
      this.#keepers--;
      this.#arrange();
      throw error;
    });
    await this.#idle.until(() => this.#surplusAtWork() === 0);
    return async () => {
      this.#keepers--;
      release();
      await this.#idle.until(
        () => this.#surplusAtWork() === 0 && this.#leaving.areGone && (!this.#mayIdle || this.#keepers > 0),
      );
    };
  }

  /** A call has ended: a thread may be idle. */
  callEnded(): void {
    this.#idle.notify();
  }

  async #start(count: number): Promise<void> {
    await this.#knowAll();
    await this.#ready.provide(count);
  }

  /** Resolves when each thread has been idle for a moment. @throws {SandtuneError} ERR_SANDTUNE_KNOB where one was not in time */
  async #findUntold(): Promise<void> {
    const found = this.#idle.until(() => this.#ready.findUntold());
    if (await isInTime(found, longestWaitMs)) return;
    throw new SandtuneError(
      'ERR_SANDTUNE_KNOB',
      'threads: expected each worker of the pool to be idle for a moment, got one that was not: wrap a pool where it is made',
    );
  }

  /**
   * Resolves when the worker of each thread is known: piscina tells of those that it was made with a moment
   * later, and of others that were there before once they are idle.
   * @throws {SandtuneError} ERR_SANDTUNE_KNOB where threads could not be held
   */
  async #knowAll(): Promise<void> {
    await Promise.resolve();
    if (!this.#ready.findUntold()) await this.#findUntold();
    if (this.#ready.workers.every((worker) => workerRecordOf(worker) !== undefined)) return;
    throw new SandtuneError(
      'ERR_SANDTUNE_KNOB',
      'threads: expected a pool that shows how busy its workers are, got one of a piscina that is not known',
    );
  }

  get #least(): number {
    return this.#reservations.atLeast(Math.min(this.configured.minThreads, this.#threads));
  }

  #settle(): void {
    const { maxThreads, givenMaxThreads } = this.configured;
    const most = this.#reservations.atLeast(this.#threads);
    this.#most = most === maxThreads ? givenMaxThreads : most;
    this.#pool.options.maxThreads = this.#mostSet;
    this.#setMost();
    this.#leaving.least = this.#least;
    this.#hasMoved = true;
    this.#mayIdle = true;
    this.#arrange();
  }

  /** A call that comes before those that leave are gone is to find the room that it would find afterwards. */
  #setMost(): void {
    const { options } = this.#pool;
    if (options.maxThreads !== this.#mostSet) return;
    this.#mostSet = this.#most + this.#leaving.count;
    options.maxThreads = this.#mostSet;
  }

  /** Gives the oldest threads to the calls and holds the others. */
  #arrange(): void {
    this.#forgetEnded();
    if (!this.#hasMoved) return;
    this.#setMost();
    const { inUse } = this;
    const kept = this.#reservations.atLeast(inUse);
    const records = this.#records();
    const used = records.slice(0, inUse);
    const freed = used.filter((record) => this.#held.delete(record));
    for (const record of freed) uncoverUsage(record);
    this.#fullness.tellBy(used, inUse);
    for (const [index, record] of records.entries()) if (index >= inUse) this.#hold(record, index >= kept);
    for (const record of freed) offerCalls(record);
    if (this.#leaving.areGone) this.#allGone(used);
    this.#idle.notify();
  }

  #allGone(used: readonly WorkerRecord[]): void {
    const [first] = used;
    // A call that came meanwhile may wait for a thread that piscina could not start.
    if (first && this.#pool.queueSize > 0) offerCalls(first);
    else if (this.#pool.threads.length === 0 && this.#pool.queueSize > 0) void this.#ready.start(1);
    if (this.#mayIdle && this.#keepers === 0) this.#letIdle(used);
  }

  #records(): readonly WorkerRecord[] {
    return this.#ready.workers.map(workerRecordOf).filter((record) => record !== undefined);
  }

  #hold(record: WorkerRecord, ends: boolean): void {
    this.#held.set(record, ends);
    let works = record.taskInfos.size > 0;
    // piscina asks each thread after each call, and so this is also where one is seen to have fallen idle.
    coverUsage(record, () => {
      if (record.taskInfos.size > 0) return Number.POSITIVE_INFINITY;
      if (works) staysBusyForNow(record, () => this.#idle.notify());
      works = false;
      this.#fellIdle(record);
      return Number.POSITIVE_INFINITY;
    });
    if (!works) this.#fellIdle(record);
  }

  #fellIdle(record: WorkerRecord): void {
    if (this.#held.get(record) === true) {
      // It stays held until it has ended, so that no call is given to it meanwhile.
      this.#held.set(record, false);
      this.#ready.ends(record.worker.threadId);
      this.#leaving.end(record);
      this.#setMost();
    }
    this.#idle.notify();
  }

  /**
   * Threads that nobody keeps any longer: one that was started to be kept ends, unless it has work; the
   * others are left to the pool's own rules, by which a thread ends only after a call.
   */
  #letIdle(records: readonly WorkerRecord[]): void {
    const staying = Math.max(this.#least, this.#before ?? records.length);
    this.#before = null;
    for (const [index, record] of records.entries()) {
      if (usageOf(record) > 0) continue;
      if (index >= staying && this.#pool.queueSize === 0) this.#hold(record, true);
      else offerCalls(record);
    }
    this.#mayIdle = false;
  }

  #surplusAtWork(): number {
    let count = 0;
    for (const { taskInfos } of this.#held.keys()) if (taskInfos.size > 0) count++;
    return count;
  }

  #forgetEnded(): void {
    if (this.#held.size === 0) return;
    const alive = new Set<object>(this.#pool.threads);
    for (const record of this.#held.keys()) if (!alive.has(record.worker)) this.#held.delete(record);
  }

  #end(): void {
    known.delete(this.#pool.options);
    this.#ready.dispose();
    this.#leaving.dispose();
    this.#fullness.end();
    for (const record of this.#held.keys()) uncoverUsage(record);
    this.#held.clear();
  }
}
