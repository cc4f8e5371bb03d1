/**
 * The tier of worker threads: how many there are, and which of them calls are routed to, the first K that
 * are alive. Which of these takes the next call is its transport's to say. Workers beyond K are kept warm
 * for a trial, or end as soon as they are idle.
 */
import { bytesOfAll } from '../../foundation/bytes.ts';
import { Condition } from '../../foundation/condition.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import type { GuestCall } from './call.ts';
import { EitherTransport, type TransportName } from './either-transport.ts';
import { Exclusive } from './exclusive.ts';
import { MessageTransport } from './message-transport.ts';
import { type PoolOptions, WorkerPool } from './pool.ts';
import { type Failure, shared, sharedInts } from './protocol.ts';
import type { RingSettings } from './ring/ring-options.ts';
import { RingTransport } from './ring/ring-transport.ts';
import { checkStart } from './start-check.ts';
import type { Tier, TierHost } from './tier.ts';
import type { TransportHost } from './transport.ts';
import type { WorkerUnit } from './worker-unit.ts';

export interface WorkerTierOptions extends Omit<PoolOptions, 'events' | 'servesRings'> {
  /** `either`: begins with messages, and may change. */
  readonly transport: TransportName | 'either';
  /** Of the ring: how long its two sides look for the next call before they sleep; most calls a worker holds. */
  readonly spinUs: number;
  readonly depth: number;
  /** Most bytes of the regions of a worker, each way. */
  readonly regionBytes: number;
  /** Calls that may wait. */
  readonly maxQueue: number;
  readonly deadlineMs: number;
  /** Longest time one guest may take to be brought up before the sandbox takes calls. */
  readonly startDeadlineMs: number;
}

export class WorkerTier implements Tier<WorkerUnit> {
  readonly aftermath = 'its worker was ended';
  readonly countsWaiting = true;
  /** What calls in shared memory go by from now on. */
  readonly ringSettings: RingSettings;
  readonly #options: WorkerTierOptions;
  readonly #shared: Int32Array;
  readonly #pool: WorkerPool;
  /** Notified whenever a worker comes, goes or answers; refused when no worker can be started. */
  readonly #workers = new Condition();
  /** Notified at the same moments; refused only by `close()`. */
  readonly #answers = new Condition();
  #host!: TierHost;
  #messages!: MessageTransport;
  #transport!: EitherTransport;
  /** True once the guests are checked: a worker that comes from then on is given calls. */
  #isOpen = false;
  #limit: number;
  #goneBusyMs = 0;
  firstUnits: readonly WorkerUnit[] = [];
  readonly #exclusive = new Exclusive(
    () =>
      this.#until(this.#answers, () => this.inUse.length >= this.#limit && this.#alive.every((unit) => !unit.isBusy)),
    () => this.#host.queue.freed(),
  );
  #closed: SandtuneError | undefined;

  constructor(options: WorkerTierOptions) {
    this.#options = options;
    this.#shared = sharedInts(options.setup.memory);
    this.#limit = options.threads;
    this.ringSettings = { spinUs: options.spinUs, depth: options.depth };
    this.#pool = new WorkerPool({
      ...options,
      servesRings: options.transport !== 'message',
      events: {
        ready: (unit) => {
          this.#endSurplus();
          if (this.#isOpen && !unit.doomed) this.#transport.begin(unit);
          this.#host.recorder.workerStarted();
          this.#host.queue.freed();
          this.#changed();
        },
        gone: (unit) => {
          this.#goneBusyMs += unit.busyMs(options.clock.now());
          this.#transport.gone(unit);
          this.#changed();
        },
        broken: (error) => {
          if (this.#pool.units.length === 0) this.#host.failures.broken(error);
          this.#workers.refuse(error);
        },
        wanted: () => this.#workers.isAwaited || this.#host.queue.running + this.#host.queue.waiting > 0,
      },
    });
  }

  serve(host: TierHost): void {
    this.#host = host;
    const { clock, timers, deadlineMs, setup, transport, maxQueue, regionBytes } = this.#options;
    const itself: TransportHost = {
      books: host.recorder.books,
      queue: host.queue,
      failures: host.failures,
      clock,
      timers,
      deadlineMs,
      units: () => this.#pool.units,
      inUse: () => this.inUse,
      end: (unit) => this.end(unit),
      back: (unit, first, dispatch) => this.#back(unit, first, dispatch),
      changed: () => this.#changed(),
    };
    this.#messages = new MessageTransport({
      host: itself,
      sendMessage: (unit, message) => this.#pool.send(unit, message),
    });
    const rings = new RingTransport({
      host: itself,
      functionCount: setup.functions.length,
      maxWaiting: maxQueue,
      settings: this.ringSettings,
      regionBytes,
      sendMessage: (unit, message, port) => this.#pool.send(unit, message, port),
    });
    this.#transport = new EitherTransport(transport === 'ring' ? 'ring' : 'message', this.#messages, rings);
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
    const transport = this.#messages;
    const [failures] = await Promise.all([
      checkStart({ transport, unit: first, guests, isBound, deadlineMs, clock, timers }),
      ...others.map((unit) => transport.check(unit, [])),
    ]);
    this.#isOpen = true;
    this.firstUnits = this.inUse;
    for (const unit of this.#alive) this.#transport.begin(unit);
    return failures;
  }

  // ------------------------------------------------------------ calls

  /** O(K). Where no worker is free, starts that had been given up are tried again. */
  free(alone = false, isShared = false): WorkerUnit | undefined {
    if (this.#exclusive.isHeld) return undefined;
    const unit = this.#transport.choose(this.#pool.units, this.#limit, alone, isShared);
    if (unit === undefined) this.#pool.wanted();
    return unit;
  }

  /** Batches it runs at once. */
  get width(): number {
    return this.#limit;
  }

  freeCount(): number {
    return this.inUse.filter(({ isIdle }) => isIdle).length;
  }

  /** Calls that its workers hold and have not begun. */
  get waiting(): number {
    return this.#transport.held;
  }

  send(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    this.#transport.send(unit, calls);
  }

  bytesOf({ args }: GuestCall): number {
    return bytesOfAll(args);
  }

  sendOne(unit: WorkerUnit, call: GuestCall, atMs: number): void {
    this.#transport.sendOne(unit, call, atMs);
  }

  takeBack(call: GuestCall): boolean {
    return this.#transport.takeBack(call);
  }

  abandoned(call: GuestCall): void {
    this.#transport.abandoned(call);
  }

  alone<T>(work: (units: readonly WorkerUnit[]) => Promise<T>): Promise<T> {
    return this.#exclusive.run(() => work(this.inUse));
  }

  end(unit: WorkerUnit): void {
    this.#pool.end(unit);
  }

  #back(unit: WorkerUnit, first: GuestCall | null, dispatch: boolean): void {
    if (unit.capacity === Atomics.load(this.#shared, shared.capacity)) unit.unconfirmed = false;
    if (this.#pool.units.length > this.#pool.target) this.#endSurplus();
    if (this.#isOpen) this.#transport.begin(unit);
    if (unit.unconfirmed && unit.isIdle) this.#transport.confirm(unit);
    if (dispatch) this.#host.queue.returned(first);
    else this.#host.queue.freed();
    this.#changed();
  }

  // ------------------------------------------------------------ how many workers

  /** The first K workers that are alive. */
  get inUse(): readonly WorkerUnit[] {
    return this.#alive.slice(0, this.#limit);
  }

  get limit(): number {
    return this.#limit;
  }

  /** Workers calls are sent to: alive or being replaced, and those beyond the limit that still have calls out. */
  get effectiveLimit(): number {
    const alive = this.#alive;
    const replacing = Math.max(0, this.#pool.size - alive.length);
    const finishing = alive.slice(this.#limit).filter(({ isBusy }) => isBusy).length;
    return Math.min(this.#limit, alive.length + replacing) + finishing;
  }

  /**
   * Moves the limit at once. Resolves when no more than `limit` workers have calls out.
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED when the workers are ended first; likewise below
   */
  async route(limit: number): Promise<void> {
    this.#limit = limit;
    this.#host.queue.freed();
    await this.#until(this.#answers, () => this.effectiveLimit <= limit);
  }

  get transport(): TransportName {
    return this.#transport.name;
  }

  /**
   * From now on calls go by this transport. Resolves when all workers in use have come over, each with its next call
   * or without one.
   */
  async travelBy(name: TransportName): Promise<void> {
    this.#transport.use(name, this.#pool.units);
    this.#host.queue.freed();
    await this.#until(this.#answers, () => this.inUse.every((unit) => this.#transport.has(unit)));
  }

  resize(count: number): void {
    this.#pool.resize(count);
    this.#endSurplus();
  }

  async ready(count: number): Promise<void> {
    await this.#until(this.#workers, () => this.#alive.length >= count);
  }

  async close(): Promise<void> {
    this.#transport.close();
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
      // One that has calls out confirms it with its next answer.
      if (unit.isIdle) this.#transport.confirm(unit);
    }
    await this.#until(this.#answers, () => this.inUse.every(({ unconfirmed }) => !unconfirmed));
  }

  /** Sum over workers of the time with calls out, up to now, ms. */
  get busyMs(): number {
    const nowMs = this.#options.clock.now();
    return this.#pool.units.reduce((sum, unit) => sum + unit.busyMs(nowMs), this.#goneBusyMs);
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
    for (const unit of this.#alive.slice(this.#pool.target)) if (!unit.isBusy) this.end(unit);
  }
}
