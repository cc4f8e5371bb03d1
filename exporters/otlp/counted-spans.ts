/**
 * Counts every span between its end and the collector's answer, because the stock batch processor
 * drops silently: queued → underway → sent, or lost (dropped at a full queue, failed to be sent, not answered
 * in time, refused by a collector that accepted the rest).
 *
 *   span ends ─▶ counted ─▶ BatchSpanProcessor (full: drops) ─▶ counted ─▶ OTLP exporter ─▶ answer
 */
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { systemTimers } from '../../src/foundation/clock.ts';
import { messageOf } from '../../src/foundation/errors.ts';
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

/**
 * For the stock exporter, which sees to the deadline by itself, but waits as long as a response trickles in, and
 * hears of a time-out only a little after it.
 */
export const answerGraceMs = 1000;

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** An exporter that counts the spans it is given, and what became of them; of each export, before long. */
export class CountedExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #counts: SpanCounts;
  readonly #deadlineMs: number;
  /** Of the response whose result is told next. */
  #refused: RefusedSpans | null = null;

  constructor(inner: SpanExporter, counts: SpanCounts, deadlineMs: number) {
    this.#inner = inner;
    this.#counts = counts;
    this.#deadlineMs = deadlineMs;
    onRefusedSpans(inner, (refused) => {
      this.#refused = refused;
    });
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const { length } = spans;
    const over = new AbortController();
    const end = (result: Result, lost: number, error: Error | undefined) => {
      if (over.signal.aborted) return;
      over.abort();
      this.#counts.answered(length, lost, error);
      done(result);
    };
    this.#counts.handedOver(length);
    systemTimers.sleep(this.#deadlineMs + answerGraceMs, { signal: over.signal, keepAlive: true }).then(
      () => {
        const error = new Error(`expected the collector's answer within ${this.#deadlineMs} ms, got none`);
        // ExportResultCode.FAILED
        end({ code: 1, error }, length, error);
      },
      () => {},
    );
    const hear = (result: Result) => {
      const refused = this.#refused;
      this.#refused = null;
      // ExportResultCode.SUCCESS
      if (result.code !== 0) return end(result, length, result.error);
      if (refused === null) return end(result, 0, undefined);
      // A collector may name any number.
      const lost = Math.min(length, refused.spans);
      end(result, lost, new Error(`the collector refused ${lost} spans of an export: ${refused.reason}`));
    };
    try {
      this.#inner.export(spans, hear);
    } catch (error) {
      // ExportResultCode.FAILED
      hear({ code: 1, error: error instanceof Error ? error : new Error(messageOf(error)) });
    }
  }

  /** All that has been handed over: the inner exporter would wait for those too that nobody waits for any more. */
  forceFlush(): Promise<void> {
    return this.#counts.idle();
  }

  async shutdown(): Promise<void> {
    await Promise.race([this.#inner.shutdown(), this.#counts.idle()]);
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
