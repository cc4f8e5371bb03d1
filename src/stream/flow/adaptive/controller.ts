/**
 * What moves inside the bounds under `backpressure: 'adaptive'`. The bounds are the options of the processor:
 * a tuner moves those, this moves below them, and nothing is lost.
 *
 *   sojourn ─▶ CoDel ─▶ a mark: the window of what may be in flight × 0.7;  calm for an interval: × 1.1
 *   calls   ─▶ gradient ─▶ lanes;   a + b · n ─▶ batch (not with one record a call)
 *
 * A queue stands where records stay longer than target: 100 ms, or four calls of each stage where that is longer (the
 * one they are in, the two that are read ahead of it, and one more), since no window makes a call itself shorter.
 *
 *   memory  ─▶ above 90 % of what the process may use: the window × 0.5
 *
 * Pure but for what it is given. The window is a share of both limits of the credits.
 */
import type { CreditLimits } from '../credits.ts';
import type { LaneLimits } from '../lanes.ts';
import { BatchCost, tried } from './batch-cost.ts';
import { CoDel } from './codel.ts';
import { Gradient } from './gradient.ts';

export interface ControllerBounds {
  readonly credits: CreditLimits;
  readonly stages: readonly Readonly<LaneLimits>[];
}

interface ControllerParts {
  readonly bounds: ControllerBounds;
  /** Of each stage: what it moves. */
  readonly limits: readonly LaneLimits[];
  readonly setCredits: (limits: CreditLimits) => void;
  /** Share of the memory that the process may use, 0 to 1. Read at most once an interval. */
  readonly memoryShare: () => number;
}

interface ControllerState {
  readonly window: number;
  readonly stages: readonly { readonly lanes: number; readonly batchRecords: number }[];
}

interface StageControl {
  readonly gradient: Gradient;
  readonly cost: BatchCost;
  /** What the cost asks for; some calls are of another size, to learn the cost. */
  batchRecords: number;
  calls: number;
  /** Of a call now, a moving average; 0 before the first. */
  callMs: number;
}

const targetMs = 100;
const intervalMs = 500;
const smallestWindow = 1 / 256;
/** Of a stage: what a record is in and what is read ahead of that, and one more. */
const callsOfSojourn = 4;
/** Weight of one call in `callMs`. */
const newest = 0.1;
/** The batch follows its cost by a factor of 2 at most, once in so many calls. */
const batchCalls = 16;
const batchFactor = 2;
const fullMemory = 0.9;

export class AdaptiveController {
  readonly #parts: ControllerParts;
  readonly #codel = new CoDel({ targetMs, intervalMs });
  readonly #stages: readonly StageControl[];
  #bounds: ControllerBounds;
  #window = 1;
  /** Sojourn of a queue that stands. */
  #targetMs = targetMs;
  #lastMarkMs = Number.NEGATIVE_INFINITY;
  #lastStepMs = Number.NEGATIVE_INFINITY;

  /** @param from state of an earlier run; bounds and stages may have changed since, and hold */
  constructor(parts: ControllerParts, from: unknown) {
    this.#parts = parts;
    const { bounds, limits } = parts;
    this.#bounds = bounds;
    const { stages, window } = (from ?? {}) as Partial<ControllerState>;
    this.#stages = limits.map((limit, index) => {
      const most = bounds.stages[index] as LaneLimits;
      const { lanes, batchRecords } = (Array.isArray(stages) ? (stages[index] ?? {}) : {}) as Partial<LaneLimits>;
      if (isPositive(lanes)) limit.lanes = Math.min(most.lanes, Math.ceil(lanes));
      if (isPositive(batchRecords)) limit.batchRecords = Math.min(most.batchRecords, Math.ceil(batchRecords));
      const gradient = new Gradient({ initial: limit.lanes, most: most.lanes });
      return { gradient, cost: new BatchCost(), batchRecords: limit.batchRecords, calls: 0, callMs: 0 };
    });
    if (isPositive(window)) this.#setWindow(window);
  }

  get state(): ControllerState {
    const stages = this.#stages.map(({ gradient, batchRecords }) => ({ lanes: gradient.base, batchRecords }));
    return { window: this.#window, stages };
  }

  /** Where it stands beyond them it is moved to them; else it goes on from where it is. */
  setBounds(bounds: ControllerBounds): void {
    this.#bounds = bounds;
    bounds.stages.forEach((most, index) => {
      const stage = this.#stages[index] as StageControl;
      stage.gradient.setMost(most.lanes);
      stage.batchRecords = Math.min(stage.batchRecords, most.batchRecords);
      const limits = this.#parts.limits[index] as LaneLimits;
      limits.lanes = stage.gradient.limit;
      limits.batchRecords = Math.min(limits.batchRecords, most.batchRecords);
      limits.batchBytes = most.batchBytes;
    });
    this.#setWindow(this.#window);
  }

  /** A call of a stage has ended. */
  called(stage: number, records: number, ms: number, inFlight: number): void {
    const most = this.#bounds.stages[stage] as LaneLimits;
    const limits = this.#parts.limits[stage] as LaneLimits;
    const own = this.#stages[stage] as StageControl;
    const { gradient, cost } = own;
    own.calls++;
    own.callMs += (own.calls === 1 ? 1 : newest) * (ms - own.callMs);
    const callsMs = this.#stages.reduce((sum, { callMs }) => sum + callMs, 0);
    this.#targetMs = Math.max(targetMs, callsOfSojourn * callsMs);
    gradient.ended(ms, records, inFlight, cost.fixedRecords);
    limits.lanes = gradient.limit;
    if (most.batchRecords === 1) return;
    cost.ended(records, ms);
    if (own.calls % batchCalls === 0) own.batchRecords = nearer(own.batchRecords, cost.batch(most.batchRecords));
    limits.batchRecords = tried(own.batchRecords, own.calls, most.batchRecords);
  }

  /** A record was acknowledged. */
  delivered(sojournMs: number, nowMs: number): void {
    if (this.#codel.left(sojournMs, nowMs, this.#targetMs)) {
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
    const { credits, stages } = this.#bounds;
    // Whatever the window, each lane must find its batch.
    const needed = stages.reduce((sum, { lanes, batchRecords }) => sum + 2 * lanes * batchRecords, 0);
    const records = Math.max(Math.ceil(credits.records * this.#window), needed);
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

function nearer(batch: number, wanted: number | undefined): number {
  if (wanted === undefined) return batch;
  return Math.max(Math.ceil(batch / batchFactor), Math.min(batch * batchFactor, wanted));
}
