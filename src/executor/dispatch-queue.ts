/**
 * The one queue of every executor. Calls leave it in the order they came, at most `size` of them in
 * one dispatch, with at most `limit` dispatches out at once, and only while the carrier has a unit
 * free that runs them.
 *
 *   take ──▶ waiting (FIFO) ──▶ carrier.free()? ──▶ carrier.send(unit, calls) ── returned ──▶ …
 *   again ──▶ first, each in a dispatch of its own ──▶┘
 *
 * A full dispatch leaves at once. A part-filled one leaves at the end of the turn of the event loop,
 * so that the calls of one turn travel together; with `lingerMs` above 0 it does not leave before its
 * oldest call has waited that long. With size 1 nothing is put off: `send` is called before `take`
 * returns. All three settings may be changed at any time, which leaves dispatches that are out alone.
 *
 * Calls are links of the list they wait in: queueing and cancelling are O(1) and allocate nothing.
 */
import { queueFullError } from '../foundation/call-errors.ts';
import type { Clock, Timers } from '../foundation/clock.ts';
import { Condition } from '../foundation/condition.ts';
import type { Call, CallOwner } from '../measure/call.ts';

/** The place of a call in the queue it waits in: its neighbours, null while it does not wait. Only the queue writes them. */
export interface Queued {
  before: Queued | null;
  after: Queued | null;
}

/** Runs the calls that leave a queue, on its units: workers, a pool, this thread. */
export interface Carrier<T, U> {
  /**
   * True when the work of a call handles its signal itself. Otherwise an abort ends the call for its
   * caller, and its work goes on.
   */
  readonly seesSignals?: boolean;
  /**
   * A unit that takes calls now. Undefined when there is none; the carrier then calls the queue's
   * `freed()` once there is one.
   */
  free(): U | undefined;
  /** How many dispatches the carrier could take now, one after the other; Infinity where nothing limits them. */
  freeCount(): number;
  /** Ends a call whose signal fired while it waited. Absent: it is cancelled. */
  refuse?(call: T): void;
  /** Takes the calls over and never throws. The carrier calls the queue's `returned()` once they are back. */
  send(unit: U, calls: T[]): void;
}

export interface DispatchQueueOptions<T, U> {
  /** The executor's name, for the error of a call that is shed. */
  readonly name: string;
  readonly carrier: Carrier<T, U>;
  /** Dispatches that may be out at once: integer ≥ 1 or Infinity. @defaultValue Infinity */
  readonly limit?: number;
  /** Most calls in one dispatch: integer ≥ 1. @defaultValue 1 */
  readonly size?: number;
  /** How long the first call of a part-filled dispatch waits for others. @defaultValue 0 */
  readonly lingerMs?: number;
  /** Calls that may wait beyond those that the free units take; read for each call. */
  readonly maxWaiting: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class DispatchQueue<T extends Call & Queued, U = unknown> implements CallOwner<T> {
  readonly #options: DispatchQueueOptions<T, U>;
  readonly #waiting = emptyList();
  readonly #again = emptyList();
  #count = 0;
  #limit: number;
  #size: number;
  #lingerMs: number;
  #running = 0;
  /** Aborted by `flush()`, after which no call lingers. */
  readonly #flushed = new AbortController();
  /** The carrier had no unit free when it was last asked: while calls wait it is not asked again until `freed()`. */
  #saturated = false;
  #endOfTurnSet = false;
  /** When the earliest sleep ends. */
  #wakeAtMs = Number.POSITIVE_INFINITY;
  readonly #idle = new Condition();

  constructor(options: DispatchQueueOptions<T, U>) {
    this.#options = options;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#size = options.size ?? 1;
    this.#lingerMs = options.lingerMs ?? 0;
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

  /** Calls that wait. */
  get waiting(): number {
    return this.#count;
  }

  /**
   * Takes a call in, unless it is settled already, and listens to its signal until it is settled. The
   * call is shed when no dispatch can leave now and as many calls wait as may. O(1), no allocation.
   */
  take(call: T): void {
    const { name, maxWaiting } = this.#options;
    if (call.settled) return;
    if (this.#count >= maxWaiting && this.#count >= this.#mostWaiting()) {
      call.failed('shed', queueFullError(name, maxWaiting));
      return;
    }
    call.listen(this);
    if (call.settled) return;
    this.#append(this.#waiting, call);
    this.#dispatch(false);
  }

  /**
   * Takes a call in for the second time. It goes before all others and alone, so that no neighbour can
   * take it down again.
   */
  again(call: T): void {
    this.#append(this.#again, call);
    this.#dispatch(false);
  }

  /** Sends a call that waits, alone and beside the limit: a dispatch that is out waits for this call. */
  pass(call: T): void {
    const unit = this.#options.carrier.free();
    if (unit === undefined) return;
    this.#unlink(call);
    this.#running++;
    this.#options.carrier.send(unit, [call]);
  }

  /** The signal of a call has fired. O(1) */
  aborted(call: T): void {
    const waited = call.after !== null;
    const { carrier } = this.#options;
    if (waited) this.#unlink(call);
    if (waited && carrier.refuse) carrier.refuse(call);
    else if (waited || !carrier.seesSignals) call.cancelled();
    if (this.#count === 0) this.#emptied();
  }

  /** Removes all calls that wait and returns them in the order they would have left. */
  clear(): T[] {
    const calls = [...this.#takeFrom(this.#again, this.#count), ...this.#takeFrom(this.#waiting, this.#count)];
    this.#emptied();
    return calls;
  }

  /** Called by the carrier when a unit has become free. */
  freed(): void {
    this.#saturated = false;
    this.#dispatch(false);
  }

  /** Called by the carrier when a dispatch is back. */
  returned(): void {
    this.#running--;
    this.freed();
    this.#idle.notify();
  }

  /** Sends the calls that linger; from now on no call lingers. */
  flush(): void {
    this.#flushed.abort();
    this.#dispatch(true);
  }

  /** Resolves when no call waits and no dispatch is out. */
  idle(): Promise<void> {
    return this.#idle.until(() => this.#running === 0 && this.#count === 0);
  }

  /** @param partFilled true when a dispatch that is not full may leave as well */
  #dispatch(partFilled: boolean): void {
    const { carrier } = this.#options;
    while (this.#count > 0 && this.#running < this.#limit && !this.#saturated) {
      const alone = this.#again.after !== this.#again;
      if (!alone && this.#count < this.#size) {
        if (!partFilled) return this.#atEndOfTurn();
        if (this.#lingers()) return;
      }
      const unit = carrier.free();
      if (unit === undefined) {
        this.#saturated = true;
        return;
      }
      this.#running++;
      carrier.send(unit, alone ? this.#takeFrom(this.#again, 1) : this.#takeFrom(this.#waiting, this.#size));
    }
  }

  #atEndOfTurn(): void {
    if (this.#endOfTurnSet) return;
    this.#endOfTurnSet = true;
    // A microtask would run after each callback of this turn, and find a single call each time.
    setImmediate(this.#turnEnded);
  }

  readonly #turnEnded = (): void => {
    this.#endOfTurnSet = false;
    this.#dispatch(true);
  };

  /** True while the oldest call may still wait for others; a sleep then ends when it may no longer. */
  #lingers(): boolean {
    if (this.#lingerMs <= 0 || this.#flushed.signal.aborted) return false;
    const dueMs = (this.#waiting.after as T).offeredMs + this.#lingerMs;
    const nowMs = this.#options.clock.now();
    if (dueMs <= nowMs) return false;
    this.#wakeAt(dueMs, nowMs);
    return true;
  }

  /**
   * Begins a sleep when a call is due before the earliest sleep ends, as after a lowered linger. Only a
   * flush ends a sleep early.
   */
  #wakeAt(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = dueMs;
    const { signal } = this.#flushed;
    // A call that lingers is work: the process must not end under it.
    const slept = this.#options.timers.sleep(dueMs - nowMs, { keepAlive: true, signal });
    void slept.then(
      () => {
        if (this.#wakeAtMs === dueMs) this.#wakeAtMs = Number.POSITIVE_INFINITY;
        this.#dispatch(true);
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  /**
   * No call waits any more. A carrier may prepare units only while calls wait, so the next call has to
   * ask it again.
   */
  #emptied(): void {
    this.#saturated = false;
    this.#idle.notify();
  }

  #mostWaiting(): number {
    const { carrier, maxWaiting } = this.#options;
    return maxWaiting + Math.max(0, Math.min(this.#limit - this.#running, carrier.freeCount())) * this.#size;
  }

  #append(list: Queued, call: T): void {
    const last = list.before as Queued;
    call.before = last;
    call.after = list;
    last.after = call;
    list.before = call;
    this.#count++;
  }

  #unlink(call: Queued): void {
    const { before, after } = call as { before: Queued; after: Queued };
    before.after = after;
    after.before = before;
    call.before = null;
    call.after = null;
    this.#count--;
  }

  #takeFrom(list: Queued, most: number): T[] {
    const calls: T[] = [];
    let call = list.after as Queued;
    while (call !== list && calls.length < most) {
      const next = call.after as Queued;
      call.before = null;
      call.after = null;
      calls.push(call as T);
      call = next;
    }
    list.after = call;
    call.before = list;
    this.#count -= calls.length;
    return calls;
  }
}

/** An empty list of calls: a ring through one object, which is both of its ends. */
function emptyList(): Queued {
  const ends: Queued = { before: null, after: null };
  ends.before = ends;
  ends.after = ends;
  return ends;
}
