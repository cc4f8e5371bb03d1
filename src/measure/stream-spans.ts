/**
 * Spans of a stream: `sandtune.stream.source` over the run that reads a partition, and for calls that are drawn
 * `sandtune.stream.batch` over a call of a stage, with a link to the source of each of its records. A batch has
 * records of several sources, so it is the child of none; the span of the executor's own call is its child.
 *
 *   source '0' ────────────────────────────▶ ◀── link ── batch ─ call
 *   source '1' ────────────────────────────▶ ◀── link ──┘
 *
 * One call in `sampleEvery`, at random distances, as in trace.ts.
 *
 * @see https://opentelemetry.io/docs/specs/otel/overview/#links-between-spans (batches: several initiating spans)
 */
import { context, type Link, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Clock } from '../foundation/clock.ts';
import { messageOf } from '../foundation/errors.ts';
import type { RandomSource } from '../foundation/random.ts';
import { toHrTime } from '../foundation/units.ts';
import { attributeNames, spanNames } from './names.ts';
import { endAfter, sandtuneTracer, TelemetryGuard } from './telemetry.ts';

/** The reading of one partition, from the beginning of its run to the end. Its methods never throw; after `end` they do nothing. */
export class SourceSpan {
  readonly #guard: TelemetryGuard;
  readonly #clock: Clock;
  readonly #startMs: number;
  #span: Span | undefined;
  /** Of its span; batches link to it also once it has ended. */
  readonly link: Link | undefined;

  constructor(guard: TelemetryGuard, clock: Clock, processor: string, partition: string) {
    this.#guard = guard;
    this.#clock = clock;
    this.#startMs = clock.now();
    const attributes = { [attributeNames.executor]: processor, [attributeNames.partition]: partition };
    this.#span = guard.run<Span | undefined>(() => {
      const startTime = toHrTime(clock.timeOrigin, this.#startMs);
      const span = sandtuneTracer().startSpan(
        spanNames.source,
        { kind: SpanKind.CONSUMER, startTime, attributes },
        context.active(),
      );
      return span.isRecording() ? span : undefined;
    }, undefined);
    const span = this.#span;
    this.link = guard.run<Link | undefined>(
      () => span && { context: span.spanContext(), attributes: { [attributeNames.partition]: partition } },
      undefined,
    );
  }

  /** @param records of it that were read */
  end(records: number, error?: unknown): void {
    const span = this.#span;
    this.#span = undefined;
    if (!span) return;
    this.#guard.run(() => {
      span.setAttribute(attributeNames.records, records);
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      const originMs = this.#clock.timeOrigin;
      span.end(endAfter(toHrTime(originMs, this.#startMs), toHrTime(originMs, this.#clock.now())));
    }, undefined);
  }
}

export interface BatchSpan {
  /** Runs `work` in the context of the span. */
  within<T>(work: () => T): T;
  end(endMs: number, error?: unknown): void;
}

export interface StreamTracerOptions {
  readonly clock: Clock;
  readonly processor: string;
  readonly sampleEvery: number;
  readonly random: RandomSource;
}

export class StreamTracer {
  readonly guard = new TelemetryGuard();
  readonly #options: StreamTracerOptions;
  #untilNext: number;

  constructor(options: StreamTracerOptions) {
    this.#options = options;
    this.#untilNext = this.#distance();
  }

  source(partition: string): SourceSpan {
    return new SourceSpan(this.guard, this.#options.clock, this.#options.processor, partition);
  }

  /** Whether the next call is drawn. A counter, no allocation. */
  draws(): boolean {
    if (--this.#untilNext > 0) return false;
    this.#untilNext = this.#distance();
    return true;
  }

  /**
   * For a call that was drawn.
   * @param sources of its records, each once
   * @returns null where no span is kept
   */
  batch(stage: string, startMs: number, records: number, sources: Iterable<SourceSpan>): BatchSpan | null {
    const { clock, processor } = this.#options;
    return this.guard.run<BatchSpan | null>(() => {
      const links = [...sources].flatMap(({ link }) => (link ? [link] : []));
      const originMs = clock.timeOrigin;
      const startTime = toHrTime(originMs, startMs);
      const attributes = {
        [attributeNames.executor]: processor,
        [attributeNames.streamStage]: stage,
        [attributeNames.records]: records,
      };
      const options = { kind: SpanKind.INTERNAL, startTime, attributes, links };
      const span = sandtuneTracer().startSpan(spanNames.batch, options, ROOT_CONTEXT);
      if (!span.isRecording()) return null;
      const { guard } = this;
      return {
        within: (work) => context.with(trace.setSpan(context.active(), span), work),
        end: (endMs, error) =>
          guard.run(() => {
            if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
            span.end(endAfter(startTime, toHrTime(originMs, endMs)));
          }, undefined),
      };
    }, null);
  }

  #distance(): number {
    return 1 + Math.floor(this.#options.random() * (2 * this.#options.sampleEvery - 1));
  }
}
