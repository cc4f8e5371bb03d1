/** What a dispatch queue stands before: the units that run the calls which leave it. */

/** Runs the calls that leave a queue, on its units: workers, a pool, this thread. */
export interface Carrier<T, U> {
  /**
   * True when a call that was sent and is then abandoned is settled by what runs it. Otherwise an abort
   * ends it for its caller at once.
   */
  readonly seesSignals?: boolean;
  /**
   * A unit that takes calls now. Undefined when there is none; the carrier then calls the queue's
   * `freed()` once there is one.
   * @param alone true where it is to have nothing else meanwhile: for a call that is sent a second time
   * @param isShared true where calls of several tenants take turns: what waits with a unit is past its turn, so
   * it is to hold no more than keeps it at work
   */
  free(alone?: boolean, isShared?: boolean): U | undefined;
  /** How many dispatches the carrier could take now, one after the other; Infinity where nothing limits them. */
  freeCount(): number;
  /** Bytes of texts and binary arguments of a call. Never throws. @defaultValue 0 */
  bytesOf?(call: T): number;
  /** Ends a call whose signal fired while it waited. Absent: it is cancelled. */
  refuse?(call: T): void;
  /** Takes the calls over and never throws. The carrier calls the queue's `returned()` once they are back. */
  send(unit: U, calls: T[]): void;
  /**
   * Takes over one call, as `send` takes many, without a list of one.
   * @param atMs when it was given over, where that is known; NaN: now
   */
  sendOne?(unit: U, call: T, atMs: number): void;
  /** What becomes of the work of a call that is abandoned, for its error. @defaultValue 'its work may go on' */
  readonly aftermath?: string | undefined;
  /** Dispatches that it runs at once; absent where nothing limits them. */
  readonly width?: number | undefined;
  /** Calls that were sent and still wait, in a queue of the carrier's own. @defaultValue 0 */
  readonly waiting?: number | undefined;
  /** True where the calls that wait with it count as much against the most that may wait. @defaultValue false */
  readonly countsWaiting?: boolean | undefined;
  /** True when a call sent now would be shed. @defaultValue false */
  readonly isFull?: boolean | undefined;
  /** Takes back a call that was sent. @returns true when its work has not begun and never will */
  takeBack?(call: T): boolean;
  /**
   * Nobody waits any more for a call that was sent: its signal fired, it overran, its executor was closed.
   * Frees what its work holds, where that can be done.
   * @param reason why
   */
  abandoned?(call: T, reason: unknown): void;
}
