/**
 * What all spans share: their scope, whole-nanosecond times in order, and a guard round every touch of the
 * OpenTelemetry API, because a faulty exporter, sampler or context manager must not break a call.
 */
import { diag, type HrTime, type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import { instrumentation } from './names.ts';

let provider: TracerProvider | undefined;
let tracer: Tracer | undefined;

/**
 * The tracer of the provider that is registered now; to be asked for at each span. A provider may be
 * registered later, and by another copy of the API (its CommonJS beside its ES modules), and then a tracer
 * that was taken before never hears of it.
 */
export function sandtuneTracer(): Tracer {
  const registered = trace.getTracerProvider();
  if (tracer === undefined || registered !== provider) {
    const { name, version, schemaUrl } = instrumentation;
    // trace.getTracer() takes no options: those of 1.10 are dropped on the way to the provider.
    tracer = registered.getTracer(name, version, { schemaUrl });
    provider = registered;
  }
  return tracer;
}

/** Counts failures of telemetry and reports the 1st, 2nd, 4th, 8th … to OpenTelemetry's `diag`. */
export class TelemetryGuard {
  #errorCount = 0;

  get errorCount(): number {
    return this.#errorCount;
  }

  /** The result of `touch`, or `otherwise` when it throws. */
  run<T>(touch: () => T, otherwise: T): T {
    try {
      return touch();
    } catch (error) {
      this.failed(error);
      return otherwise;
    }
  }

  /** Never throws. */
  failed(error: unknown): void {
    this.#errorCount++;
    // At the rate of calls, every failure would bury whatever else the log has to say.
    if ((this.#errorCount & (this.#errorCount - 1)) !== 0) return;
    try {
      diag.error(`sandtune: telemetry failed (${this.#errorCount} so far); calls are not affected`, error);
    } catch {
      // The user's diag logger threw, and there is no other place to report to.
    }
  }
}

/** `end`, or 1 ns after `start` where that is later: viewers reject spans without length. */
export function endAfter(start: HrTime, end: HrTime): HrTime {
  const later = end[0] > start[0] || (end[0] === start[0] && end[1] > start[1]);
  if (later) return end;
  return start[1] === 999_999_999 ? [start[0] + 1, 0] : [start[0], start[1] + 1];
}
