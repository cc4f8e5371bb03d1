/**
 * The calls that wait, where some name a tenant or a priority: tenants take turns, by deficit round robin
 * (Shreedhar and Varghese, "Efficient fair queueing using deficit round robin", SIGCOMM 1995, §3).
 *
 *   call ─▶ the lane of its tenant ─▶ lanes that may send, in a ring ─▶ the first one's turn: it sends what
 *           (high, normal, low)         ▲        its deficit pays for ─┘  a turn adds one quantum to its deficit
 *                                       └── no room to run, nothing waits: out of the ring, and its deficit is 0
 *
 * A call costs 1, or what a call of its tenant is expected to take. The quantum is what the costliest lane
 * of the last round pays for one full dispatch, so each turn sends at least one (the paper's condition for
 * O(1)). Two tenants that always wait have then had the same to within a quantum and a dispatch (§3,
 * Lemma 2). Unlike a packet's length the time of a call is not known before, so it is the tenant's running mean.
 *
 * A lane is kept while a call of its tenant waits or runs, so what is kept never exceeds the calls in
 * flight, however many names there were.
 */
import { type Linked, Ring, unlink } from '../foundation/ring.ts';
import type { Call } from '../measure/call.ts';
import { CallStanding } from '../measure/call-standing.ts';
import { Lane } from './lane.ts';
import type { ResolvedTenants } from './tenants.ts';

/** What a call is taken to take before any has answered, ms. It matters only beside other tenants. */
const unknownMs = 1;
/** Least that a call is taken to take, ms: a lane whose calls cost nothing would never end its turn. */
const leastMs = 1e-4;
/** Part by which one answer moves what a tenant begins with. */
const learningShare = 1 / 64;

export interface FairLineOptions<T> {
  readonly tenants: ResolvedTenants;
  /** Most calls in one dispatch; read for each. */
  readonly size: () => number;
  /** Bytes that a call is counted for while it waits. */
  readonly bytesOf: (call: T) => number;
  /** Dispatches that could leave now. */
  readonly freeCount: () => number;
}

export class FairLine<T extends Call & Linked> {
  readonly #options: FairLineOptions<T>;
  readonly #lanes = new Map<string | undefined, Lane<T>>();
  /** Lanes with calls that wait and room to run them, the one whose turn is next first. */
  readonly #ring = new Ring<Lane<T>>();
  #ringCount = 0;
  #fullCount = 0;
  /** Lanes in the ring since an earlier turn of the event loop, whose calls wait for no others. */
  #olderCount = 0;
  #turn = 0;
  #namedCount = 0;
  /** What a lane that is new is expected to take. */
  #usualMs = unknownMs;
  #quantum = 0;
  /** The largest cost seen in this round, and turns until it is over. */
  #roundCost = 0;
  #turnsLeft = 0;

  constructor(options: FairLineOptions<T>) {
    this.#options = options;
  }

  /** Tenants of which calls wait or run. */
  get tenantCount(): number {
    return this.#namedCount;
  }

  /** True when a dispatch could leave that is full. */
  get hasFull(): boolean {
    return this.#fullCount > 0;
  }

  /** True when a dispatch could leave, full or not. */
  get hasAny(): boolean {
    return this.#ringCount > 0;
  }

  /** True when the calls of some lane have waited for a turn of the event loop to end. */
  get hasOlder(): boolean {
    return this.#olderCount > 0;
  }

  /** Which limit of its tenant one more call would break; null when it breaks none. */
  wouldBreak(call: T): 'maxQueue' | 'maxQueueBytes' | null {
    const { standing } = call;
    if (standing === null || standing.tenant === undefined) return null;
    const { maxQueue, maxQueueBytes, maxRunning } = this.#options.tenants;
    const lane = this.#lanes.get(standing.tenant);
    const waiting = lane?.waiting ?? 0;
    if (waiting >= maxQueue) {
      // Those that leave now do not wait.
      const free = Math.min(this.#options.freeCount(), maxRunning - (lane?.running ?? 0));
      if (waiting >= maxQueue + Math.max(0, free) * this.#options.size()) return 'maxQueue';
    }
    if (maxQueueBytes === Number.POSITIVE_INFINITY) return null;
    standing.bytes = this.#options.bytesOf(call);
    return (lane?.bytes ?? 0) + standing.bytes > maxQueueBytes ? 'maxQueueBytes' : null;
  }

  append(call: T): void {
    call.standing ??= new CallStanding(undefined, 'normal');
    const lane = this.#laneOf(call.standing.tenant);
    if (lane.waiting === 0) {
      lane.sinceMs = call.offeredMs;
      lane.sinceTurn = this.#turn;
    }
    lane.append(call, call.standing);
    this.#place(lane);
  }

  /** The call was unlinked. It may have waited elsewhere. */
  removed(call: T): void {
    const { standing } = call;
    if (standing === null || standing.where !== 'waiting') return;
    const lane = standing.share as Lane<T>;
    lane.left(standing);
    this.#place(lane);
  }

  /** What was sent with this call first is back, or never went; O(1), and nothing the second time. */
  back(call: T): void {
    const { standing } = call;
    if (standing === null || standing.where !== 'out') return;
    standing.where = 'nowhere';
    const lane = standing.share as Lane<T>;
    lane.running--;
    this.#usualMs += (lane.expectedMs - this.#usualMs) * learningShare;
    this.#place(lane);
  }

  /** The call, which waits here no more, goes out alone and beside the order. */
  passed(call: T): void {
    call.standing ??= new CallStanding(undefined, 'normal');
    const lane = this.#laneOf(call.standing.tenant);
    call.standing.share = lane;
    this.#sent(lane, call);
    this.#place(lane);
  }

  /** A turn of the event loop has ended: what it brought waits for no others. */
  turnEnded(): void {
    this.#turn++;
    this.#olderCount = this.#ringCount;
  }

  /** The size of a dispatch has changed. */
  resized(): void {
    for (const lane of this.#lanes.values()) this.#place(lane);
  }

  /**
   * Removes the calls of the next dispatch, all of one tenant; none where no lane may send.
   * @param mayLeave whether a lane may send now that is not full; none may before its turn of the event loop has ended
   */
  take(mayLeave: (lane: Lane<T>, isOlder: boolean) => boolean): T[] {
    const size = this.#options.size();
    const lane = this.#nextLane(mayLeave);
    if (lane === undefined) return [];
    const cost = this.#costOf(lane);
    const calls: T[] = [];
    while (calls.length < size && lane.waiting > 0 && (calls.length === 0 || lane.deficit >= cost)) {
      lane.deficit -= cost;
      calls.push(lane.next());
    }
    this.#sent(lane, calls[0] as T);
    if (lane.deficit < cost && lane.waiting > 0) this.#endTurn(lane);
    this.#place(lane);
    return calls;
  }

  /** Removes all calls, in the order in which they came within each tenant and priority. */
  clear(): T[] {
    const calls: T[] = [];
    for (const lane of this.#lanes.values()) {
      while (lane.waiting > 0) calls.push(lane.next());
      this.#place(lane);
    }
    return calls;
  }

  #laneOf(tenant: string | undefined): Lane<T> {
    const known = this.#lanes.get(tenant);
    if (known) return known;
    const lane = new Lane<T>(tenant, this.#usualMs);
    this.#lanes.set(tenant, lane);
    if (tenant !== undefined) this.#namedCount++;
    return lane;
  }

  #sent(lane: Lane<T>, call: T): void {
    (call.standing as CallStanding).where = 'out';
    lane.running++;
  }

  #nextLane(mayLeave: (lane: Lane<T>, isOlder: boolean) => boolean): Lane<T> | undefined {
    for (let seen = 0; seen < this.#ringCount; ) {
      const lane = this.#ring.first as Lane<T>;
      if (!lane.isFull && !mayLeave(lane, lane.sinceTurn < this.#turn)) {
        // It has not come to its turn yet, and keeps what it may send.
        this.#toEnd(lane);
        seen++;
        continue;
      }
      const cost = this.#costOf(lane);
      if (!lane.hasTurn) this.#beginTurn(lane, cost);
      if (lane.deficit >= cost) return lane;
      this.#endTurn(lane);
    }
    return undefined;
  }

  #costOf(lane: Lane<T>): number {
    return this.#options.tenants.cost === 'calls' ? 1 : Math.max(leastMs, lane.expectedMs);
  }

  #beginTurn(lane: Lane<T>, cost: number): void {
    const whole = cost * this.#options.size();
    if (this.#turnsLeft-- <= 0) {
      this.#quantum = this.#roundCost;
      this.#roundCost = 0;
      this.#turnsLeft = this.#ringCount;
    }
    this.#roundCost = Math.max(this.#roundCost, whole);
    this.#quantum = Math.max(this.#quantum, whole);
    lane.hasTurn = true;
    lane.deficit += this.#quantum;
  }

  #endTurn(lane: Lane<T>): void {
    lane.hasTurn = false;
    this.#toEnd(lane);
  }

  #toEnd(lane: Lane<T>): void {
    if (unlink(lane)) this.#ring.append(lane);
  }

  /** Puts the lane where it belongs, after anything of it has changed: among those that may send, or not, or nowhere. */
  #place(lane: Lane<T>): void {
    const maySend = lane.waiting > 0 && (lane.tenant === undefined || lane.running < this.#options.tenants.maxRunning);
    const isIn = lane.after !== null;
    if (maySend && !isIn) {
      this.#ring.append(lane);
      this.#ringCount++;
      if (lane.sinceTurn < this.#turn) this.#olderCount++;
    } else if (!maySend && isIn) {
      unlink(lane);
      this.#ringCount--;
      if (lane.sinceTurn < this.#turn) this.#olderCount--;
      lane.hasTurn = false;
      lane.deficit = 0;
    }
    const isFull = maySend && lane.waiting >= this.#options.size();
    if (isFull !== lane.isFull) this.#fullCount += isFull ? 1 : -1;
    lane.isFull = isFull;
    if (lane.isOver && this.#lanes.delete(lane.tenant) && lane.tenant !== undefined) this.#namedCount--;
  }
}
