/** What arrived, decoded by `protoc` with the official definitions: nothing of ours judges itself. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Message, parseTextFormat, type Value } from './text-format.ts';

export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: Buffer;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Decoded {
  readonly services: readonly string[];
  readonly spans: readonly DecodedSpan[];
  /** Everything that was text on the wire. */
  readonly texts: readonly Buffer[];
  /** Path of each field protoc does not know: 'resource_spans.scope_spans.spans.16'. */
  readonly unknownFields: readonly string[];
}

const definitions = fileURLToPath(new URL('../../support/opentelemetry-proto', import.meta.url));

/** @throws when protoc cannot make sense of the bytes */
export function decode(protoc: string, body: Buffer): Decoded {
  const text = execFileSync(
    protoc,
    [
      `--proto_path=${definitions}`,
      '--decode=opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest',
      'opentelemetry/proto/collector/trace/v1/trace_service.proto',
    ],
    { input: body, encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  return collect(parseTextFormat(text));
}

function collect(request: Message): Decoded {
  const services: string[] = [];
  const spans: DecodedSpan[] = [];
  for (const resourceSpans of messages(request['resource_spans'])) {
    const [resource] = messages(resourceSpans['resource']);
    services.push(attributesOf(resource?.['attributes'])['service.name'] ?? '');
    const scopes = messages(resourceSpans['scope_spans'] ?? resourceSpans['instrumentation_library_spans']);
    for (const span of scopes.flatMap((scope) => messages(scope['spans']))) {
      spans.push({
        traceId: bytes(span['trace_id']).toString('hex'),
        spanId: bytes(span['span_id']).toString('hex'),
        parentSpanId: bytes(span['parent_span_id']).toString('hex'),
        name: bytes(span['name']),
        startNs: BigInt(scalarText(span['start_time_unix_nano']) || 0),
        endNs: BigInt(scalarText(span['end_time_unix_nano']) || 0),
        attributes: attributesOf(span['attributes']),
      });
    }
  }
  const texts: Buffer[] = [];
  const unknownFields: string[] = [];
  walk(request, '', texts, unknownFields);
  return { services, spans, texts, unknownFields: [...new Set(unknownFields)] };
}

/** Names of fields that are bytes and need not be text. */
const binary = new Set(['trace_id', 'span_id', 'parent_span_id', 'bytes_value']);

function walk(message: Message, path: string, texts: Buffer[], unknownFields: string[]): void {
  for (const [name, values] of Object.entries(message)) {
    const here = path === '' ? name : `${path}.${name}`;
    if (/^\d+$/.test(name)) unknownFields.push(here);
    for (const value of values) {
      if (Buffer.isBuffer(value)) {
        if (!binary.has(name)) texts.push(value);
      } else if (typeof value === 'object') walk(value, here, texts, unknownFields);
    }
  }
}

function attributesOf(values: Value[] | undefined): Record<string, string> {
  return Object.fromEntries(
    messages(values).map((attribute) => {
      const [value] = messages(attribute['value']);
      return [scalarText(attribute['key']), scalarText(Object.values(value ?? {})[0])];
    }),
  );
}

function messages(values: Value[] | undefined): Message[] {
  return (values ?? []).filter((value): value is Message => typeof value === 'object' && !Buffer.isBuffer(value));
}

/** '' for a message, and where there is nothing. */
function scalarText([value]: Value[] = []): string {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : '';
}

function bytes(values: Value[] | undefined): Buffer {
  const [value] = values ?? [];
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}
