/**
 * When a checkpoint is due, and how much may be delivered before the next one is durable. Pure: times and
 * amounts are arguments.
 *
 *   durable ────────── begun ──── saved          an interval is counted from one to the next position
 *      │◀── interval − lead ──▶│      │
 *      │◀────────── interval ─────────┼──▶│      where it is not saved by then, delivery waits for it
 *
 * A run that dies repeats, at least once, what it has delivered behind its last durable checkpoint. So that this is
 * one interval at the most, a checkpoint begins before the interval is over, by the time, and the bytes, that
 * the slowest of the last few took to be saved; and while one is being saved, or has failed, no more is
 * delivered than is left of the interval.
 */
export interface PaceLimits {
  readonly intervalMs: number;
  /** Delivered between two checkpoints. */
  readonly bytes: number;
  /** What is delivered behind the last durable checkpoint would be repeated. */
  readonly repeats: boolean;
}

/** A moment of a run: its clock, and what it has delivered so far. */
export interface Moment {
  readonly ms: number;
  readonly bytes: number;
}

/** A checkpoint that failed is tried again after an interval, or this long. */
const longestRetryMs = 1000;
/** Of an interval: what a checkpoint begins before its end, at most. */
const mostLead = 0.5;
/** With each checkpoint that was quicker, the lead comes nearer to what that took by this share. */
const forgetting = 0.1;

export class CheckpointPace {
  readonly #limits: PaceLimits;
  #durable: Moment;
  #begun: Moment;
  #lead: Moment = { ms: 0, bytes: 0 };
  #state: 'saved' | 'saving' | 'failed' = 'saved';
  #retryAtMs = 0;

  constructor(limits: PaceLimits, start: Moment) {
    this.#limits = limits;
    this.#durable = start;
    this.#begun = start;
  }

  /** How long after a failure the next try is due. */
  get retryMs(): number {
    return Math.min(this.#limits.intervalMs, longestRetryMs);
  }

  /** @param toCome bytes that are delivered before a checkpoint that begins now, whatever else */
  isDue({ ms, bytes }: Moment, toCome = 0): boolean {
    if (this.isTime(ms)) return true;
    return this.#state !== 'failed' && bytes + toCome - this.#begun.bytes >= this.#limits.bytes - this.#lead.bytes;
  }

  isTime(ms: number): boolean {
    return ms >= this.dueMs;
  }

  /** When one is due whatever comes. */
  get dueMs(): number {
    if (this.#state === 'failed') return this.#retryAtMs;
    return this.#begun.ms + this.#limits.intervalMs - this.#lead.ms;
  }

  /** Bytes that may be delivered now; 0: none before a checkpoint is saved. */
  allowance({ ms, bytes }: Moment): number {
    const { repeats, intervalMs, bytes: most } = this.#limits;
    if (!repeats) return Number.POSITIVE_INFINITY;
    if (this.#state === 'saved') return Math.max(1, most - this.#lead.bytes - (bytes - this.#begun.bytes));
    if (ms - this.#durable.ms >= intervalMs) return 0;
    return Math.max(0, most - (bytes - this.#durable.bytes));
  }

  /** Nothing has come since the last one, which is as good as one of now. */
  idle(ms: number): void {
    this.#begun = { ...this.#begun, ms };
    if (this.#state === 'saved') this.#durable = this.#begun;
  }

  /** The positions of a checkpoint have been taken. */
  begun(at: Moment): void {
    this.#begun = at;
    this.#state = 'saving';
  }

  /** It is durable. */
  saved({ ms, bytes }: Moment): void {
    const { intervalMs, bytes: most, repeats } = this.#limits;
    this.#state = 'saved';
    this.#durable = this.#begun;
    if (!repeats) return;
    const next = (before: number, took: number, whole: number) =>
      Math.min(mostLead * whole, took > before ? took : before + forgetting * (took - before));
    this.#lead = {
      ms: next(this.#lead.ms, ms - this.#begun.ms, intervalMs),
      bytes: next(this.#lead.bytes, bytes - this.#begun.bytes, most),
    };
  }

  failed(ms: number): void {
    this.#state = 'failed';
    this.#retryAtMs = ms + this.retryMs;
  }
}
