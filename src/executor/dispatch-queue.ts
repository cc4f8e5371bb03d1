/**
 * The one queue of every executor. Calls leave it in the order they came, or where they name tenants in
 * turns (waiting-calls.ts), at most `size` of them in one dispatch, with at most `limit` dispatches out
 * at once, and only while the carrier has a unit free that runs them.
 *
 *   take ──▶ waiting ───────▶ carrier.free()? ──▶ carrier.send(unit, calls) ── returned ──▶ …
 *   again ──▶ first, each in a dispatch of its own ──▶┘
 *
 * A full dispatch leaves at once. A part-filled one leaves at the end of the turn of the event loop,
 * so that the calls of one turn travel together; with `lingerMs` above 0 it does not leave before its
 * oldest call has waited that long. With size 1 nothing is put off: `send` is called before `take`
 * returns. All three settings may be changed at any time, which leaves dispatches that are out alone.
 */
import { Alarms } from '../foundation/alarms.ts';
import { deadlineError, maxWaitError, queueFullError } from '../foundation/call-errors.ts';
import { reasonOf } from '../foundation/call-options.ts';
import { Condition } from '../foundation/condition.ts';
import { type Linked, Ring, unlink } from '../foundation/ring.ts';
import type { Call, CallOwner } from '../measure/call.ts';
import type { CallLimits, LimitKeeper } from '../measure/call-limits.ts';
import type { Backlog } from './backlog.ts';
import type { DispatchQueueOptions } from './dispatch-queue-options.ts';
import { EndOfTurn } from './end-of-turn.ts';
import { Linger } from './linger.ts';
import { tenantDefaults } from './tenants.ts';
import { WaitingCalls } from './waiting-calls.ts';

export class DispatchQueue<T extends Call & Linked, U = unknown> implements CallOwner<T>, LimitKeeper<T>, Backlog<T> {
  readonly #options: DispatchQueueOptions<T, U>;
  readonly #waiting: WaitingCalls<T>;
  readonly #again = new Ring<T>();
  #count = 0;
  #limit: number;
  #size: number;
  #lingerMs: number;
  #running = 0;
  readonly #linger: Linger;
  /** The carrier had no unit free when it was last asked: while calls wait it is not asked again until `freed()`. */
  #saturated = false;
  readonly #endOfTurn = new EndOfTurn(() => {
    this.#waiting.turnEnded();
    this.#dispatch(true);
  });
  readonly #idle = new Condition();
  readonly #drained = new Condition();
  #ended = false;
  readonly #alarms: Alarms;

  constructor(options: DispatchQueueOptions<T, U>) {
    this.#options = options;
    this.#alarms = new Alarms(options);
    this.#linger = new Linger(options, () => this.#dispatch(true));
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#size = options.size ?? 1;
    this.#lingerMs = options.lingerMs ?? 0;
    const { carrier } = options;
    this.#waiting = new WaitingCalls<T>({
      name: options.name,
      tenants: options.tenants ?? tenantDefaults,
      size: () => this.#size,
      lingers: (sinceMs) => this.#lingerMs > 0 && this.#linger.holds(sinceMs + this.#lingerMs),
      bytesOf: (call) => carrier.bytesOf?.(call) ?? 0,
      freeCount: () => this.#freeCount(),
    });
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(value: number) {
    this.#limit = value;
    this.#dispatch(true);
  }

  get size(): number {
    return this.#size;
  }

  set size(value: number) {
    this.#size = value;
    this.#waiting.resized();
    this.#dispatch(true);
  }

  get lingerMs(): number {
    return this.#lingerMs;
  }

  set lingerMs(value: number) {
    this.#lingerMs = value;
    this.#dispatch(true);
  }

  /** Dispatches that are out. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait here. */
  get waiting(): number {
    return this.#count;
  }

  /** Tenants of which calls wait or run. */
  get tenantCount(): number {
    return this.#waiting.tenantCount;
  }

  get aftermath(): string {
    return this.#options.carrier.aftermath ?? 'its work may go on';
  }

  /** Calls that wait here or, sent already, with the carrier. */
  get queued(): number {
    return this.#count + (this.#options.carrier.waiting ?? 0);
  }

  get needsDrain(): boolean {
    const { carrier, maxWaiting } = this.#options;
    const atOnce = Math.min(this.#limit, carrier.width ?? Number.POSITIVE_INFINITY) * this.#size;
    if (this.queued >= atOnce || carrier.isFull) return true;
    return maxWaiting !== Number.POSITIVE_INFINITY && this.#isFull();
  }

  /**
   * Takes a call in, unless it is settled already, and listens to its signal until it is settled. The
   * call is shed when no dispatch can leave now and as many calls wait as may, in all or of its tenant.
   * O(1); no allocation where no call names a tenant or a priority.
   */
  take(call: T): void {
    const { name, maxWaiting } = this.#options;
    if (call.settled) return;
    if (maxWaiting !== Number.POSITIVE_INFINITY && this.#isFull()) {
      call.failed('shed', queueFullError(name, maxWaiting));
      return;
    }
    const refusal = this.#waiting.refusalOf(call);
    if (refusal !== null) return call.failed('shed', refusal);
    call.listen(this);
    if (call.settled) return;
    call.limits?.waits(call, this.#alarms, this);
    if (this.#count === 0 && !this.#waiting.isFair && this.#leavesAtOnce(call)) return;
    this.#waiting.append(call);
    this.#count++;
    // Of several tenants one may have a full dispatch, and the calls of another wait for the end of this turn.
    if (this.#size > 1 && this.#waiting.isFair) this.#endOfTurn.await();
    this.#dispatch(false);
  }

  /** Sends a call before which none waits, if a unit is free: it need not stand in line for that. */
  #leavesAtOnce(call: T): boolean {
    const { carrier } = this.#options;
    if (this.#size !== 1 || carrier.sendOne === undefined || this.#running >= this.#limit) return false;
    const unit = carrier.free(false);
    if (unit === undefined) return false;
    this.#running++;
    carrier.sendOne(unit, call, call.offeredMs);
    return true;
  }

  /**
   * Takes a call in for the second time. It goes before all others and alone, so that no neighbour can
   * take it down again.
   */
  again(call: T): void {
    if (call.settled) return;
    call.limits?.pauses();
    this.#waiting.back(call);
    this.#again.append(call);
    this.#count++;
    this.#dispatch(false);
  }

  /** Sends a call that waits, alone and beside the limit: a dispatch waits for it. With `to` it never waited, and goes there. */
  pass(call: T, to?: U): void {
    const unit = to ?? this.#options.carrier.free();
    if (unit === undefined || (to === undefined && !this.remove(call))) return;
    this.#running++;
    if (to === undefined) this.#waiting.passed(call);
    this.#options.carrier.send(unit, [call]);
  }

  aborted(call: T): void {
    if (call.settled) return;
    const { carrier } = this.#options;
    const waited = this.remove(call);
    if (waited && carrier.refuse) carrier.refuse(call);
    else if (waited || !carrier.seesSignals) call.cancelled();
    if (!waited) this.abandon(call, reasonOf(call.signal));
  }

  /** The call has waited for longer than its caller allows. */
  waitedTooLong(call: T): void {
    const { maxWaitMs } = call.limits as CallLimits;
    if (this.takeBack(call)) call.failed('shed', maxWaitError(this.#options.name, maxWaitMs));
  }

  /** The work of the call has taken longer than its caller allows. */
  overran(call: T): void {
    const { deadlineMs } = call.limits as CallLimits;
    const error = deadlineError(this.#options.name, deadlineMs, 'execute', this.aftermath);
    call.failed('timeout', error);
    this.abandon(call, error);
  }

  /** Removes a call, where it waits here. */
  remove(call: T): boolean {
    if (!unlink(call)) return false;
    this.#waiting.removed(call);
    this.#count--;
    if (this.#count === 0) this.#emptied();
    return true;
  }

  takeBack(call: T): boolean {
    return this.remove(call) || this.#options.carrier.takeBack?.(call) === true;
  }

  abandon(call: T, reason: unknown): void {
    this.#options.carrier.abandoned?.(call, reason);
  }

  clear(): T[] {
    const calls = [...this.#again.take(this.#count), ...this.#waiting.clear()];
    this.#count = 0;
    this.#emptied();
    return calls;
  }

  /** Called by the carrier when a unit has become free. */
  freed(): void {
    this.#saturated = false;
    this.#dispatch(false);
  }

  /**
   * Called by the carrier when a call is no longer with it, though its dispatch is not back yet: its unit has
   * ended, or it was taken back. What follows goes with the next `returned()`.
   */
  left(call: T): void {
    this.#waiting.back(call);
  }

  /** Called by the carrier when a dispatch is back. @param first the first call of it; null where it has left before */
  returned(first: T | null): void {
    if (first !== null) this.#waiting.back(first);
    this.#running--;
    this.freed();
    this.#idle.notify();
    this.#drained.notify();
  }

  /** Called by the carrier when a call that waited there waits no more. */
  begun(): void {
    this.#drained.notify();
  }

  /** Sends the calls that linger; from now on no call lingers. */
  flush(): void {
    this.#linger.flush();
    this.#dispatch(true);
  }

  /** Resolves when no call waits and no dispatch is out. */
  idle(): Promise<void> {
    return this.#idle.until(() => this.#running === 0 && this.#count === 0);
  }

  drained(): Promise<void> {
    return this.#drained.until(() => this.queued === 0 && (this.#ended || !this.needsDrain));
  }

  end(): void {
    this.#ended = true;
    this.#drained.notify();
  }

  /** @param partFilled true when a dispatch that is not full may leave as well */
  #dispatch(partFilled: boolean): void {
    const { carrier } = this.#options;
    const waiting = this.#waiting;
    while (this.#count > 0 && this.#running < this.#limit && !this.#saturated) {
      const again = this.#again.first;
      if (again === undefined) {
        const ready = waiting.ready(this.#count, partFilled);
        if (ready === 'later') return this.#endOfTurn.await();
        if (ready !== 'ready') break;
      }
      const unit = carrier.free(again !== undefined, waiting.isShared);
      if (unit === undefined) {
        this.#saturated = true;
        return;
      }
      if (again === undefined && this.#size === 1 && carrier.sendOne !== undefined && !waiting.isFair) {
        this.#running++;
        this.#count--;
        carrier.sendOne(unit, waiting.shift(), Number.NaN);
        continue;
      }
      const calls = again ? this.#again.take(1) : waiting.take(partFilled);
      if (again) waiting.passed(again);
      // Of several tenants' calls none may leave yet.
      if (calls.length === 0) return partFilled ? undefined : this.#endOfTurn.await();
      this.#running++;
      this.#count -= calls.length;
      carrier.send(unit, calls);
    }
    if (this.#count === 0) this.#drained.notify();
  }

  /**
   * No call waits any more. A carrier may prepare units only while calls wait, so the next call has to
   * ask it again.
   */
  #emptied(): void {
    this.#saturated = false;
    this.#idle.notify();
    this.#drained.notify();
  }

  /** True when one more call would be shed. */
  #isFull(): boolean {
    const { carrier, maxWaiting } = this.#options;
    const waiting = carrier.countsWaiting ? this.queued : this.#count;
    return waiting >= maxWaiting && waiting >= this.#mostWaiting();
  }

  #mostWaiting(): number {
    return this.#options.maxWaiting + this.#freeCount() * this.#size;
  }

  /** Dispatches that could leave now. */
  #freeCount(): number {
    return Math.max(0, Math.min(this.#limit - this.#running, this.#options.carrier.freeCount()));
  }
}
