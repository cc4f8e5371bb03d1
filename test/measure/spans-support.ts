/** A real OpenTelemetry SDK, in memory, registered for one test. */
import { context, diag, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  StackContextManager,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

export interface Telemetry {
  spans(name?: string): readonly ReadableSpan[];
  [Symbol.dispose](): void;
}

export function registerTelemetry(sampler?: Sampler): Telemetry {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...(sampler && { sampler }),
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new StackContextManager().enable());
  return {
    spans: (name) => exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
    [Symbol.dispose]: unregisterTelemetry,
  };
}

export function unregisterTelemetry(): void {
  trace.disable();
  context.disable();
  diag.disable();
}

/** Nanoseconds since 1970. */
export function ns([seconds, nanoseconds]: readonly [number, number]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}
