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

export type TraceApi = Pick<typeof trace, 'setGlobalTracerProvider' | 'disable'>;

export interface Telemetry {
  spans(name?: string): readonly ReadableSpan[];
  [Symbol.dispose](): void;
}

/** @param by the copy of the API that registers it */
export function registerTelemetry(sampler?: Sampler, by: TraceApi = trace): Telemetry {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...(sampler && { sampler }),
  });
  by.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new StackContextManager().enable());
  return {
    spans: (name) => exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
    [Symbol.dispose]() {
      by.disable();
      unregisterTelemetry();
    },
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
