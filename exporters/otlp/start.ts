/**
 * Sends the spans sandtune makes (and all others of the process) to a collector, as OTLP over HTTP
 * with protobuf: Jaeger from version 2, the OpenTelemetry Collector, and most vendors take it.
 *
 *   OtlpOptions + OTEL_* ─▶ resolveOtlpOptions ─▶ NodeSDK (traces; metrics and logs if asked) ─▶ handle
 */
import * as api from '@opentelemetry/api';
import { systemTimers } from '../../src/foundation/clock.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { ownPlaces } from '../../src/foundation/own-file.ts';
import { printable } from '../../src/foundation/printable.ts';
import { answerGraceMs, CountedExporter, CountedProcessor, SpanCounts } from './counted-spans.ts';
import { registeredSince } from './globals.ts';
import { loadSdk, type Sdk } from './load-sdk.ts';
import { type OtlpOptions, type ResolvedOtlpOptions, resolveOtlpOptions } from './options.ts';

/** What `startOtlp()` has started: how much has left, and how to end it. */
export interface Otlp extends AsyncDisposable {
  /** Spans the collector has accepted. */
  sent(): number;
  /** Spans that will never arrive, because the queue was full or sending failed. */
  lost(): number;
  /** Spans that wait or are on their way. */
  pending(): number;
  /** Why spans were last lost: on one line, of at most 2,000 characters, since a collector may have written it. */
  lastError(): string | undefined;
  /** Sends what waits. Never rejects: look at `lost()`. */
  flush(): Promise<void>;
  /**
   * Sends what waits and takes the SDK out of the process again. Never rejects; ends two seconds after the
   * deadline of an export, whatever the collector does. A second call returns the same promise.
   */
  shutdown(): Promise<void>;
}

/**
 * Starts OpenTelemetry's SDK. Installs no signal handlers, so call `shutdown()` (or `await using`).
 * @throws {SandtuneError} ERR_SANDTUNE_PEER_MISSING without the SDK's packages, ERR_SANDTUNE_OPTION for
 *   a wrong option or where an SDK is running already (its spans then include ours, with nothing to start)
 */
export function startOtlp(options: OtlpOptions = {}): Promise<Otlp> {
  return startOtlpFrom(ownPlaces, options);
}

/** @param places the SDK is the one that the imports of the first of these files find that finds one */
export async function startOtlpFrom(places: readonly string[], options: OtlpOptions): Promise<Otlp> {
  const resolved = resolveOtlpOptions(options, process.env);
  const sdk = loadSdk(places);
  if (isTracing()) {
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      'startOtlp(): expected no OpenTelemetry SDK in this process, got one that runs: it receives the spans of sandtune as it is',
    );
  }
  return new RunningOtlp(sdk, resolved);
}

class RunningOtlp implements Otlp {
  readonly #counts = new SpanCounts();
  readonly #processor: CountedProcessor | undefined;
  readonly #sdk: InstanceType<Sdk['NodeSDK']>;
  readonly #longestStopMs: number;
  readonly #takeOut: () => void;
  #shutdown: Promise<void> | undefined;

  constructor(sdk: Sdk, options: ResolvedOtlpOptions) {
    this.#longestStopMs = options.deadlineMs + 2 * answerGraceMs;
    for (const note of options.notes)
      process.emitWarning(`sandtune/otlp: ${note}`, { type: 'SandtuneWarning', code: 'SANDTUNE_OTLP' });
    this.#processor = options.traces ? buildProcessor(sdk, options, this.#counts) : undefined;
    this.#sdk = new sdk.NodeSDK({
      spanProcessors: [
        ...(this.#processor ? [this.#processor] : []),
        ...(options.prints ? [sdk.printingProcessor()] : []),
      ],
      // The SDK takes an empty list for "none", and a missing one for "OTLP to localhost".
      ...(!options.metrics && { metricReaders: [] }),
      ...(!options.logs && { logRecordProcessors: [] }),
      instrumentations: [],
      resourceDetectors: [...sdk.resourceDetectors],
      ...(options.serviceName !== undefined && { serviceName: options.serviceName }),
    });
    this.#takeOut = registeredSince([sdk.api, api], () => this.#sdk.start());
  }

  sent(): number {
    return this.#counts.sent;
  }

  lost(): number {
    return this.#counts.lost;
  }

  pending(): number {
    return this.#counts.queued + this.#counts.underway;
  }

  lastError(): string | undefined {
    const { lastError } = this.#counts;
    return lastError && printable(messageOf(lastError));
  }

  async flush(): Promise<void> {
    try {
      await this.#processor?.forceFlush();
    } catch (error) {
      api.diag.error('sandtune/otlp: flush failed', error);
    }
    await this.#counts.idle();
  }

  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop();
    return this.#shutdown;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #stop(): Promise<void> {
    const over = new AbortController();
    const late = systemTimers.sleep(this.#longestStopMs, { signal: over.signal, keepAlive: true }).catch(() => {});
    try {
      // What of metrics and logs is still on its way then is not waited for.
      await Promise.race([this.#sdk.shutdown(), late]);
    } catch (error) {
      api.diag.error('sandtune/otlp: shutdown failed', error);
    } finally {
      over.abort();
    }
    // The first export that fails ends the SDK's wait for the others.
    await this.#counts.idle();
    this.#takeOut();
  }
}

function buildProcessor(sdk: Sdk, options: ResolvedOtlpOptions, counts: SpanCounts): CountedProcessor {
  type ExporterOptions = NonNullable<ConstructorParameters<Sdk['OTLPTraceExporter']>[0]>;
  const exporter = new sdk.OTLPTraceExporter({
    ...(options.tracesUrl !== undefined && { url: options.tracesUrl }),
    ...(options.headers && { headers: { ...options.headers } }),
    timeoutMillis: options.deadlineMs,
    ...(options.compression && { compression: options.compression as NonNullable<ExporterOptions['compression']> }),
  });
  const { maxQueueSize, maxExportBatchSize, scheduledDelayMs, deadlineMs } = options;
  const limits = { maxQueueSize, maxExportBatchSize, scheduledDelayMillis: scheduledDelayMs };
  const batches = sdk.batchProcessor(new CountedExporter(exporter, counts, deadlineMs), limits);
  return new CountedProcessor(batches, counts, maxQueueSize);
}

/**
 * Has somebody registered a tracer provider? It may come from another copy of the API (its CommonJS and its
 * ES modules are two), so no class is compared. The API's stand-in has no tracer to delegate to until then.
 */
function isTracing(): boolean {
  const provider = api.trace.getTracerProvider() as { getDelegateTracer?(name: string): unknown };
  return typeof provider.getDelegateTracer !== 'function' || provider.getDelegateTracer('sandtune') !== undefined;
}
