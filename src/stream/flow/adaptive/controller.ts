/**
 * What moves inside the bounds under `backpressure: 'adaptive'`. The bounds are the options of the processor:
 * a tuner moves those, this moves below them, and nothing is lost.
 *
 *   sojourn ─▶ CoDel ─▶ a mark: the window of what may be in flight × 0.7;  calm for an interval: × 1.1
 *   calls   ─▶ gradient ─▶ lanes;   a + b · n ─▶ batch (not with one record a call)
 *   memory  ─▶ above 90 % of what the process may use: the window × 0.5
 *
 * Pure but for what it is given. The window is a share of both limits of the credits.
 */
import type { ResolvedStreamOptions } from '../../options.ts';
import type { CreditLimits } from '../credits.ts';
import type { LaneLimits } from '../lanes.ts';
import { BatchCost } from './batch-cost.ts';
import { CoDel } from './codel.ts';
import { Gradient } from './gradient.ts';

export interface ControllerBounds extends LaneLimits {
  readonly credits: CreditLimits;
  readonly takesBatches: boolean;
}

export function boundsOf(options: ResolvedStreamOptions, lanes: number): ControllerBounds {
  const { bufferBytes: bytes, bufferRecords: records, lowWatermark: low, highWatermark: high } = options;
  const takesBatches = options.takes !== 'record';
  return {
    credits: { bytes, records, low, high },
    lanes,
    batchRecords: takesBatches ? options.batchRecords : 1,
    batchBytes: takesBatches ? options.batchBytes : Number.POSITIVE_INFINITY,
    takesBatches,
  };
}

interface ControllerParts {
  readonly bounds: ControllerBounds;
  /** What it moves. */
  readonly limits: LaneLimits;
  readonly setCredits: (limits: CreditLimits) => void;
  /** Share of the memory that the process may use, 0 to 1. Read at most once an interval. */
  readonly memoryShare: () => number;
}

interface ControllerState {
  readonly lanes: number;
  readonly batchRecords: number;
  readonly window: number;
}

const targetMs = 100;
const intervalMs = 500;
const smallestWindow = 1 / 256;
const mostCallMs = targetMs / 2;
const fullMemory = 0.9;

export class AdaptiveController {
  readonly #parts: ControllerParts;
  readonly #codel = new CoDel({ targetMs, intervalMs });
  readonly #gradient: Gradient;
  readonly #cost = new BatchCost();
  #window = 1;
  #lastMarkMs = Number.NEGATIVE_INFINITY;
  #lastStepMs = Number.NEGATIVE_INFINITY;

  /** @param from state of an earlier run; bounds may have changed since, and hold */
  constructor(parts: ControllerParts, from: unknown) {
    this.#parts = parts;
    const { bounds, limits } = parts;
    const { lanes, batchRecords, window } = (from ?? {}) as Partial<ControllerState>;
    if (isPositive(lanes)) limits.lanes = Math.min(bounds.lanes, Math.ceil(lanes));
    if (isPositive(batchRecords)) limits.batchRecords = Math.min(bounds.batchRecords, Math.ceil(batchRecords));
    this.#gradient = new Gradient({ initial: limits.lanes, most: bounds.lanes });
    if (isPositive(window)) this.#setWindow(window);
  }

  get state(): ControllerState {
    const { lanes, batchRecords } = this.#parts.limits;
    return { lanes, batchRecords, window: this.#window };
  }

  /** A call has ended. */
  called(records: number, ms: number, inFlight: number): void {
    const { bounds, limits } = this.#parts;
    this.#cost.ended(records, ms);
    this.#gradient.ended(ms / records, inFlight);
    limits.lanes = this.#gradient.limit;
    if (bounds.takesBatches) limits.batchRecords = this.#cost.batch(bounds.batchRecords, mostCallMs);
  }

  /** A record was acknowledged. */
  delivered(sojournMs: number, nowMs: number): void {
    if (this.#codel.left(sojournMs, nowMs)) {
      this.#lastMarkMs = nowMs;
      this.#setWindow(this.#window * 0.7);
    }
    if (nowMs - this.#lastStepMs < intervalMs) return;
    this.#lastStepMs = nowMs;
    if (this.#parts.memoryShare() > fullMemory) this.#setWindow(this.#window * 0.5);
    else if (nowMs - this.#lastMarkMs >= intervalMs) this.#setWindow(this.#window * 1.1);
  }

  #setWindow(share: number): void {
    this.#window = Math.min(1, Math.max(smallestWindow, share));
    const { credits, lanes, batchRecords } = this.#parts.bounds;
    // Whatever the window, each lane must find its batch.
    const records = Math.max(Math.ceil(credits.records * this.#window), 2 * lanes * batchRecords);
    this.#parts.setCredits({
      ...credits,
      bytes: Math.ceil(credits.bytes * this.#window),
      records: Math.min(credits.records, records),
    });
  }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value);
}
