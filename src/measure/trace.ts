/**
 * What is kept of a sampled call: `finish` turns its stamps into stage times (for `Window.stages`)
 * and, where a span is kept, into `sandtune.call` and its child `sandtune.cold_start`. Stamps are ms on the
 * recorder's clock, which ticks in workers as it does here.
 *
 * Which calls: one in `sampleEvery`, at random distances (a fixed distance would beat with the batch
 * size and see only calls at one place in their batch). A call made inside a span that is being
 * recorded always gets a span of its own, but counts for the stage times only if it was drawn.
 */
import {
  type Context,
  context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Outcome } from '../contracts.ts';
import type { Clock } from '../foundation/clock.ts';
import { isSandtuneError, messageOf } from '../foundation/errors.ts';
import type { RandomSource } from '../foundation/random.ts';
import { msToSeconds, toHrTime } from '../foundation/units.ts';
import { attributeNames, spanNames, stageAttributeNames } from './names.ts';
import { type StageStamps, stageTimes } from './stages.ts';
import { endAfter, sandtuneTracer, TelemetryGuard } from './telemetry.ts';

export { stageNames } from './stages.ts';

export interface CallTrace {
  /** W3C traceparent of the span, to hand to a worker; undefined when no span is kept. */
  readonly traceparent: string | undefined;
  /** Ends the span and counts the stages: once. Never throws. @param stamps `settledMs` NaN: it ended just now */
  finish(outcome: Outcome, stamps: StageStamps, error?: unknown): void;
}

export interface CallTracerOptions {
  readonly clock: Clock;
  readonly executor: string;
  /** Mean distance between sampled calls. */
  readonly sampleEvery: number;
  /** False: stage times only, OpenTelemetry is not touched. */
  readonly spans: boolean;
  readonly random: RandomSource;
  /** Takes the stage times of a sampled call that ended ok, with the epoch it was offered in. */
  readonly stages: (epoch: number, times: readonly number[]) => void;
}

/** Draws the calls that are sampled. */
export class CallTracer {
  readonly guard = new TelemetryGuard();
  readonly clock: Clock;
  readonly stages: CallTracerOptions['stages'];
  readonly #options: CallTracerOptions;
  #untilNext: number;

  constructor(options: CallTracerOptions) {
    this.clock = options.clock;
    this.stages = options.stages;
    this.#options = options;
    this.#untilNext = this.#distance();
  }

  /** null for most calls. Costs a counter and one read of the active context, no allocation. */
  begin(functionName: string, epoch: number, offeredMs: number): CallTrace | null {
    const drawn = --this.#untilNext === 0;
    if (drawn) this.#untilNext = this.#distance();
    let parent: Context | undefined;
    let span: Span | undefined;
    let originMs = 0;
    if (this.#options.spans) {
      try {
        parent = context.active();
        if (drawn || (parent !== ROOT_CONTEXT && trace.getSpan(parent)?.isRecording())) {
          originMs = this.clock.timeOrigin;
          span = this.#startSpan(parent, functionName, epoch, toHrTime(originMs, offeredMs));
        }
      } catch (error) {
        this.guard.failed(error);
      }
    }
    return drawn || span ? new SampledCall(this, drawn, epoch, offeredMs, originMs, span, parent) : null;
  }

  #startSpan(parent: Context, functionName: string, epoch: number, startTime: HrTime): Span | undefined {
    const span = sandtuneTracer().startSpan(
      spanNames.call,
      {
        kind: SpanKind.INTERNAL,
        startTime,
        attributes: {
          [attributeNames.executor]: this.#options.executor,
          [attributeNames.function]: functionName,
          [attributeNames.epoch]: epoch,
        },
      },
      parent,
    );
    return span.isRecording() ? span : undefined;
  }

  /** Uniform over 1 … 2 × sampleEvery − 1, whose mean is sampleEvery. */
  #distance(): number {
    return 1 + Math.floor(this.#options.random() * (2 * this.#options.sampleEvery - 1));
  }
}

class SampledCall implements CallTrace {
  readonly #owner: CallTracer;
  readonly #drawn: boolean;
  readonly #epoch: number;
  readonly #offeredMs: number;
  /** What `clock.timeOrigin` was at the start of the span. */
  readonly #originMs: number;
  readonly #span: Span | undefined;
  readonly #parent: Context | undefined;

  constructor(
    owner: CallTracer,
    drawn: boolean,
    epoch: number,
    offeredMs: number,
    originMs: number,
    span: Span | undefined,
    parent: Context | undefined,
  ) {
    this.#owner = owner;
    this.#drawn = drawn;
    this.#epoch = epoch;
    this.#offeredMs = offeredMs;
    this.#originMs = originMs;
    this.#span = span;
    this.#parent = parent;
  }

  get traceparent(): string | undefined {
    const span = this.#span;
    if (!span) return undefined;
    return this.#owner.guard.run(() => {
      const { traceId, spanId, traceFlags } = span.spanContext();
      return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
    }, undefined);
  }

  finish(outcome: Outcome, stamps: StageStamps, error?: unknown): void {
    // The stamps of a call that failed do not say how far it had come.
    const times = outcome === 'ok' ? stageTimes(stamps) : undefined;
    if (times && this.#drawn) this.#owner.stages(this.#epoch, times);
    const span = this.#span;
    if (span) this.#owner.guard.run(() => this.#end(span, outcome, stamps, times, error), undefined);
  }

  #end(span: Span, outcome: Outcome, stamps: StageStamps, times: readonly number[] | undefined, error: unknown): void {
    const originMs = this.#originMs;
    const settledMs = Number.isNaN(stamps.settledMs) ? this.#owner.clock.now() : stamps.settledMs;
    const end = endAfter(toHrTime(originMs, this.#offeredMs), toHrTime(originMs, settledMs));
    try {
      this.#startedCold(span, stamps);
      span.setAttribute(attributeNames.outcome, outcome);
      times?.forEach((ms, stage) => span.setAttribute(stageAttributeNames[stage] as string, msToSeconds(ms)));
      if (outcome === 'ok') return;
      span.setStatus({ code: SpanStatusCode.ERROR, message: error === undefined ? outcome : messageOf(error) });
      // What a guest or a user's function throws may have any name: of those the outcome tells the class.
      span.setAttribute(attributeNames.errorType, isSandtuneError(error) ? error.code : outcome);
      if (isSandtuneError(error) && error.stage) span.setAttribute(attributeNames.errorStage, error.stage);
      // This comes last, because it reads what was thrown, which may throw in turn.
      if (error !== undefined) span.recordException(error instanceof Error ? error : messageOf(error), end);
    } finally {
      span.end(end);
    }
  }

  #startedCold(span: Span, { beganMs, coldStartMs }: StageStamps): void {
    if (!(coldStartMs > 0) || Number.isNaN(beganMs)) return;
    const originMs = this.#originMs;
    const startTime = toHrTime(originMs, beganMs);
    sandtuneTracer()
      .startSpan(
        spanNames.start,
        { kind: SpanKind.INTERNAL, startTime },
        trace.setSpan(this.#parent ?? ROOT_CONTEXT, span),
      )
      .end(endAfter(startTime, toHrTime(originMs, beganMs + coldStartMs)));
  }
}
