/**
 * What Jaeger's sanitizers and its trace view ask of a span (jaeger/internal/jptrace/sanitizer:
 * empty service name, empty span name, invalid UTF-8, negative duration), and of a trace: parents
 * that are there, one root. Broken rules as sentences; none for good data.
 */
import { isUtf8 } from 'node:buffer';
import type { Decoded, DecodedSpan } from './decoded.ts';

/** The definitions at hand are older than this field of spans and links. Any other unknown field is a fault. */
const newerFields = /(^|\.)spans\.(16|links\.6)$/;

export function brokenRules({ services, spans, texts, unknownFields }: Decoded): string[] {
  return [
    ...services.filter((service) => service === '').map(() => 'a resource has no service.name'),
    ...texts.filter((text) => !isUtf8(text)).map((text) => `not UTF-8: ${text.toString('hex')}`),
    ...unknownFields.filter((field) => !newerFields.test(field)).map((field) => `unknown field ${field}`),
    ...spans.flatMap(brokenInSpan),
    ...brokenInTraces(spans),
  ];
}

function brokenInSpan(span: DecodedSpan): string[] {
  const broken: string[] = [];
  const name = span.name.toString();
  if (name === '') broken.push(`span ${span.spanId} has no name`);
  if (span.startNs >= span.endNs) broken.push(`span ${name} starts at ${span.startNs} and ends at ${span.endNs}`);
  if (!/^[0-9a-f]{32}$/.test(span.traceId) || /^0+$/.test(span.traceId))
    broken.push(`span ${name} has trace id '${span.traceId}'`);
  if (!/^[0-9a-f]{16}$/.test(span.spanId) || /^0+$/.test(span.spanId))
    broken.push(`span ${name} has id '${span.spanId}'`);
  return broken;
}

function brokenInTraces(spans: readonly DecodedSpan[]): string[] {
  const broken: string[] = [];
  for (const [traceId, trace] of Map.groupBy(spans, (span) => span.traceId)) {
    const ids = new Set(trace.map((span) => span.spanId));
    if (ids.size !== trace.length) broken.push(`trace ${traceId} has two spans of one id`);
    const roots = trace.filter((span) => span.parentSpanId === '');
    if (roots.length !== 1) broken.push(`trace ${traceId} has ${roots.length} roots`);
    for (const span of trace) {
      if (span.parentSpanId !== '' && !ids.has(span.parentSpanId))
        broken.push(`span ${span.name.toString()} has a parent that is not there`);
    }
  }
  return broken;
}
