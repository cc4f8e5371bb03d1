/**
 * Counts every span between its end and the collector's answer, because the stock batch processor
 * drops silently: queued → underway → sent, or lost (dropped at a full queue, failed to be sent, refused
 * by a collector that accepted the rest).
 *
 *   span ends ─▶ counted ─▶ BatchSpanProcessor (full: drops) ─▶ counted ─▶ OTLP exporter ─▶ answer
 */
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { onRefusedSpans, type RefusedSpans } from './partial-success.ts';

export class SpanCounts {
  sent = 0;
  lost = 0;
  /** In the processor's queue. */
  queued = 0;
  /** Handed to the exporter, which has not answered. */
  underway = 0;
  lastError: Error | undefined;
  #onAnswered: (() => void)[] = [];

  handedOver(spans: number): void {
    this.queued -= spans;
    this.underway += spans;
  }

  /** @param lost of these `spans` */
  answered(spans: number, lost: number, error: Error | undefined): void {
    this.underway -= spans;
    this.sent += spans - lost;
    this.lost += lost;
    if (lost > 0) this.lastError = error;
    if (this.underway > 0) return;
    const waiters = this.#onAnswered;
    this.#onAnswered = [];
    for (const waiter of waiters) waiter();
  }

  /** Resolves when no span is on its way. */
  async idle(): Promise<void> {
    while (this.underway > 0) await new Promise<void>((resolve) => this.#onAnswered.push(resolve));
  }
}

/** An exporter that counts the spans it is given, and what became of them. */
export class CountedExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #counts: SpanCounts;
  /** Of the response whose result is told next. */
  #refused: RefusedSpans | null = null;

  constructor(inner: SpanExporter, counts: SpanCounts) {
    this.#inner = inner;
    this.#counts = counts;
    onRefusedSpans(inner, (refused) => {
      this.#refused = refused;
    });
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const { length } = spans;
    this.#counts.handedOver(length);
    this.#inner.export(spans, (result) => {
      const refused = this.#refused;
      this.#refused = null;
      // ExportResultCode.SUCCESS
      if (result.code !== 0) this.#counts.answered(length, length, result.error);
      else if (refused) this.#counts.answered(length, Math.min(length, refused.spans), refusalError(refused));
      else this.#counts.answered(length, 0, undefined);
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

/** A batch processor that counts the spans it takes in and those it has to drop. */
export class CountedProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;
  readonly #counts: SpanCounts;
  readonly #maxQueueSize: number;
  #isShutdown = false;

  constructor(inner: SpanProcessor, counts: SpanCounts, maxQueueSize: number) {
    this.#inner = inner;
    this.#counts = counts;
    this.#maxQueueSize = maxQueueSize;
  }

  onStart(...all: Parameters<SpanProcessor['onStart']>): void {
    this.#inner.onStart(...all);
  }

  onEnd(span: ReadableSpan): void {
    // Bit 0: sampled.
    if ((span.spanContext().traceFlags & 1) === 0) return;
    // The inner processor hands spans over in the same turn in which it takes them out of its queue, so our count is the queue's length.
    if (this.#isShutdown || this.#counts.queued >= this.#maxQueueSize) {
      this.#counts.lost++;
      return;
    }
    this.#counts.queued++;
    this.#inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    this.#isShutdown = true;
    return this.#inner.shutdown();
  }
}

function refusalError({ spans, reason }: RefusedSpans): Error {
  return new Error(`the collector refused ${spans} spans of an export: ${reason}`);
}
