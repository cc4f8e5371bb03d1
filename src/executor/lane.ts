/**
 * The calls of one tenant that wait, in the order in which they leave, and what its turns are counted by. It
 * is there as long as a call of the tenant waits or runs.
 */
import { type Linked, Ring, unlink } from '../foundation/ring.ts';
import type { Call } from '../measure/call.ts';
import type { CallStanding, TimeShare } from '../measure/call-standing.ts';
import { type Priority, priorities } from '../words.ts';

/**
 * How many calls of each priority leave, while calls of all of them wait, before any may have more. With all
 * waiting, a call that is first of its priority leaves after at most 20 others of its tenant.
 */
export const priorityShares: Readonly<Record<Priority, number>> = Object.freeze({ high: 16, normal: 4, low: 1 });

/** Part of the difference by which an answer moves what a call is expected to take. */
const learningShare = 1 / 8;

export class Lane<T extends Call & Linked> implements Linked, TimeShare {
  /** undefined: of all calls that name none. */
  readonly tenant: string | undefined;
  before: Linked | null = null;
  after: Linked | null = null;
  /** Calls that wait. */
  waiting = 0;
  /** Bytes that these were counted for. */
  bytes = 0;
  /** Dispatches that are out. */
  running = 0;
  /** What it may still send in its turn, in the unit that turns are counted in. */
  deficit = 0;
  hasTurn = false;
  /** As many calls wait as go in one dispatch. Only the line writes this and what follows. */
  isFull = false;
  /** When the first of them came, ms, and in which turn of the event loop. */
  sinceMs = 0;
  sinceTurn = 0;
  /** What a call of it is expected to take, ms. */
  expectedMs: number;
  readonly #byPriority: (Ring<T> | null)[] = priorities.map(() => null);
  readonly #left = priorities.map((priority) => priorityShares[priority]);

  constructor(tenant: string | undefined, expectedMs: number) {
    this.tenant = tenant;
    this.expectedMs = expectedMs;
  }

  get isOver(): boolean {
    return this.waiting === 0 && this.running === 0;
  }

  took(ms: number): void {
    if (ms >= 0) this.expectedMs += (ms - this.expectedMs) * learningShare;
  }

  append(call: T, standing: CallStanding): void {
    const at = priorities.indexOf(standing.priority);
    this.#byPriority[at] ??= new Ring<T>();
    (this.#byPriority[at] as Ring<T>).append(call);
    standing.share = this;
    standing.where = 'waiting';
    this.waiting++;
    this.bytes += standing.bytes;
  }

  /** The call, which waits here, has left. */
  left(standing: CallStanding): void {
    standing.where = 'nowhere';
    this.waiting--;
    this.bytes -= standing.bytes;
  }

  /** Removes the call that is next. There must be one. */
  next(): T {
    const rings = this.#byPriority;
    let at = rings.findIndex((ring, index) => ring?.first !== undefined && (this.#left[index] as number) > 0);
    if (at < 0) {
      priorities.forEach((priority, index) => {
        this.#left[index] = priorityShares[priority];
      });
      at = rings.findIndex((ring) => ring?.first !== undefined);
    }
    (this.#left[at] as number)--;
    const call = (rings[at] as Ring<T>).first as T;
    unlink(call);
    this.left(call.standing as CallStanding);
    return call;
  }
}
