/**
 * The tier of worker threads. "Which worker, now" is decided here and nowhere else: the first of the
 * first K that are alive and have nothing out. Workers beyond K are kept warm for a trial, or end as
 * soon as they are idle.
 */
import { Condition } from '../../foundation/condition.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import type { Dispatch } from '../../measure/call.ts';
import type { GuestCall } from './call.ts';
import { exitError } from './call-errors.ts';
import { MessageTransport, type Unanswered } from './message-transport.ts';
import { type PoolOptions, WorkerPool } from './pool.ts';
import { condemned, type Failure, ints, notBegun, type Slot, shared, sharedInts } from './protocol.ts';
import { checkGuests } from './start-check.ts';
import type { Tier, TierHost } from './tier.ts';
import { Watchdog } from './watchdog.ts';
import { abandonedGraceMs, type WorkerUnit } from './worker-unit.ts';

export interface WorkerTierOptions extends Omit<PoolOptions, 'events'> {
  readonly deadlineMs: number;
  /** Longest time one guest may take to be brought up before the sandbox takes calls. */
  readonly startDeadlineMs: number;
}

export class WorkerTier implements Tier<WorkerUnit> {
  readonly aftermath = 'its worker was ended';
  readonly #options: WorkerTierOptions;
  readonly #shared: Int32Array;
  readonly #pool: WorkerPool;
  readonly #watchdog: Watchdog<WorkerUnit>;
  /** Notified whenever a worker comes, goes or answers; refused when no worker can be started. */
  readonly #workers = new Condition();
  /** Notified at the same moments; refused only by `close()`. */
  readonly #answers = new Condition();
  #host!: TierHost;
  #transport!: MessageTransport;
  #limit: number;
  #goneBusyMs = 0;
  #closed: SandtuneError | undefined;

  constructor(options: WorkerTierOptions) {
    const { clock, timers, deadlineMs, setup } = options;
    this.#options = options;
    this.#shared = sharedInts(setup.memory);
    this.#limit = options.threads;
    this.#pool = new WorkerPool({
      ...options,
      events: {
        ready: () => {
          this.#endSurplus();
          this.#host.recorder.workerStarted();
          this.#host.queue.freed();
          this.#changed();
        },
        gone: (unit) => {
          this.#goneBusyMs += unit.busyMs;
          this.#changed();
        },
        broken: (error) => {
          if (this.#pool.units.length === 0) this.#host.failures.broken(error);
          this.#workers.refuse(error);
        },
        wanted: () => this.#workers.isAwaited || this.#host.queue.running + this.#host.queue.waiting > 0,
      },
    });
    this.#watchdog = new Watchdog({
      deadlineMs,
      clock,
      timers,
      units: () => this.#pool.units,
      overran: (unit, index) => this.#overran(unit, index),
    });
  }

  serve(host: TierHost): void {
    this.#host = host;
    this.#transport = new MessageTransport({
      books: host.recorder.books,
      sendMessage: (unit, message) => this.#pool.send(unit, message),
      back: (unit, batch, slot) => this.#back(unit, batch, slot),
      silent: (unit, batch, isAlive, unanswered, cause) => this.#silent(unit, batch, isAlive, unanswered, cause),
    });
  }

  /**
   * Resolves once every worker, all of them being ready, has answered, the first one after bringing up
   * `guests`.
   * @returns the failures, one a guest at most, `index` into `guests`
   * @throws what a worker threw
   */
  async start(guests: readonly number[]): Promise<readonly Failure[]> {
    const [first, ...others] = this.#pool.units as [WorkerUnit, ...WorkerUnit[]];
    const { clock, timers, startDeadlineMs: deadlineMs, setup } = this.#options;
    const isBound = (guest: number) => setup.guests[guest]?.binding !== undefined;
    const transport = this.#transport;
    const [failures] = await Promise.all([
      checkGuests({ transport, unit: first, guests, isBound, deadlineMs, clock, timers }),
      ...others.map((unit) => transport.check(unit, [])),
    ]);
    return failures;
  }

  // ------------------------------------------------------------ calls

  /** O(K). Where no worker is free, starts that had been given up are tried again. */
  free(): WorkerUnit | undefined {
    const { units } = this.#pool;
    let seen = 0;
    for (let i = 0; i < units.length && seen < this.#limit; i++) {
      const unit = units[i] as WorkerUnit;
      if (unit.doomed) continue;
      if (unit.batch === null) return unit;
      seen++;
    }
    this.#pool.wanted();
    return undefined;
  }

  /** Batches it runs at once. */
  get width(): number {
    return this.#limit;
  }

  freeCount(): number {
    return this.inUse.filter(({ isIdle }) => isIdle).length;
  }

  send(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    this.#transport.send(unit, calls);
    const watchdog = this.#watchdog;
    if (!watchdog.isSet) watchdog.watch();
    let shortestMs = this.#options.deadlineMs;
    let isOwn = false;
    for (let i = 0; i < calls.length; i++) {
      const { limits } = calls[i] as GuestCall;
      if (limits === null || limits.deadlineMs >= shortestMs) continue;
      shortestMs = limits.deadlineMs;
      isOwn = true;
    }
    unit.shortestMs = shortestMs;
    if (isOwn) watchdog.within(shortestMs);
  }

  takeBack(call: GuestCall): boolean {
    const [unit, index] = this.#placeOf(call);
    if (!unit) return false;
    const running = unit.skip(index);
    return index > (running < notBegun ? condemned(running) : running);
  }

  /** A call that has not begun is passed over; one that runs gets a little longer before its worker is ended. */
  abandoned(call: GuestCall): void {
    const [unit, index] = this.#placeOf(call);
    if (!unit || unit.skip(index) !== index) return;
    call.abandonedMs = this.#options.clock.now();
    this.#watchdog.within(abandonedGraceMs);
  }

  /** The unit that has the call out, and the place of the call in its batch. */
  #placeOf(call: GuestCall): [WorkerUnit | undefined, number] {
    for (const unit of this.#pool.units) {
      const index = unit.batch?.calls.indexOf(call) ?? -1;
      if (index >= 0) return [unit, index];
    }
    return [undefined, -1];
  }

  end(unit: WorkerUnit): void {
    this.#pool.end(unit);
  }

  #back(unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot): void {
    unit.busyMs += batch.returnedMs - batch.atMs;
    unit.capacity = slot.ints[ints.capacity];
    if (unit.capacity === Atomics.load(this.#shared, shared.capacity)) unit.unconfirmed = false;
    if (this.#pool.units.length > this.#pool.target) this.#endSurplus();
    if (unit.unconfirmed && unit.isIdle) this.#transport.send(unit, []);
    if (batch.calls.length > 0) this.#host.queue.returned();
    else this.#host.queue.freed();
    this.#changed();
  }

  #silent(
    unit: WorkerUnit,
    batch: Dispatch<GuestCall>,
    isAlive: boolean,
    unanswered: readonly Unanswered[],
    cause: unknown,
  ): void {
    this.#goneBusyMs += this.#options.clock.now() - batch.atMs;
    // The worker is ended before its calls are repeated, so that none of them goes to it again.
    if (!isAlive) this.end(unit);
    const end = unit.exitCode === undefined ? cause : exitError(unit.exitCode, cause);
    for (const { call, stage, argumentsFault } of unanswered) {
      if (argumentsFault === undefined) this.#host.failures.lost(call, stage, end);
      else this.#host.failures.refused(call, argumentsFault);
    }
    if (batch.calls.length > 0) this.#host.queue.returned();
    this.#changed();
  }

  #overran(unit: WorkerUnit, index: number): void {
    const call = unit.batch?.calls[index];
    const entered = Atomics.load(unit.slots[unit.turn].ints, ints.entered) === 1;
    if (call) this.#host.failures.overran(call, entered ? 'execute' : 'start');
    this.end(unit);
  }

  // ------------------------------------------------------------ how many workers

  /** The first K workers that are alive. */
  get inUse(): readonly WorkerUnit[] {
    return this.#alive.slice(0, this.#limit);
  }

  get limit(): number {
    return this.#limit;
  }

  /** Workers calls are sent to: alive or being replaced, and those beyond the limit that still have a batch out. */
  get effectiveLimit(): number {
    const alive = this.#alive;
    const replacing = Math.max(0, this.#pool.size - alive.length);
    const finishing = alive.slice(this.#limit).filter(({ batch }) => batch !== null).length;
    return Math.min(this.#limit, alive.length + replacing) + finishing;
  }

  /**
   * Moves the limit at once. Resolves when no more than `limit` workers have a batch out.
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED when the workers are ended first; likewise below
   */
  async route(limit: number): Promise<void> {
    this.#limit = limit;
    this.#host.queue.freed();
    await this.#until(this.#answers, () => this.effectiveLimit <= limit);
  }

  resize(count: number): void {
    this.#pool.resize(count);
    this.#endSurplus();
  }

  async ready(count: number): Promise<void> {
    await this.#until(this.#workers, () => this.#alive.length >= count);
  }

  async close(): Promise<void> {
    this.#watchdog.stop();
    await this.#pool.destroy();
    this.#closed = new SandtuneError(
      'ERR_SANDTUNE_CLOSED',
      'sandbox: expected to stay open until a knob had moved, got close()',
    );
    this.#workers.refuse(this.#closed);
    this.#answers.refuse(this.#closed);
  }

  // ------------------------------------------------------------ what workers report

  /** Resolves when all workers in use have worked under the cache capacity that is now in shared memory. */
  async confirmCapacity(): Promise<void> {
    for (const unit of this.inUse) {
      unit.unconfirmed = true;
      // An idle worker is sent an empty batch to answer.
      if (unit.isIdle) this.#transport.send(unit, []);
    }
    await this.#until(this.#answers, () => this.inUse.every(({ unconfirmed }) => !unconfirmed));
  }

  /** Sum over workers of the time with a batch out, up to now, ms. */
  get busyMs(): number {
    const nowMs = this.#options.clock.now();
    return this.#pool.units.reduce(
      (sum, { busyMs, batch }) => sum + busyMs + (batch ? nowMs - batch.atMs : 0),
      this.#goneBusyMs,
    );
  }

  get guestBytes(): number {
    return this.#pool.units.reduce((sum, unit) => sum + unit.guestBytes, 0);
  }

  get #alive(): readonly WorkerUnit[] {
    return this.#pool.units.filter(({ doomed }) => !doomed);
  }

  #until(condition: Condition, reached: () => boolean): Promise<void> {
    return this.#closed && !reached() ? Promise.reject(this.#closed) : condition.until(reached);
  }

  #changed(): void {
    this.#workers.notify();
    this.#answers.notify();
  }

  /** Ends idle workers beyond the target, last first. */
  #endSurplus(): void {
    for (const unit of this.#alive.slice(this.#pool.target)) if (unit.batch === null) this.end(unit);
  }
}
