/**
 * Reads spans out of OTLP's protobuf bytes and draws them as a tree. Only the fields it shows:
 * ExportTraceServiceRequest 1 → resource 1, scope_spans 2 → spans 2 → Span.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 * @see https://github.com/open-telemetry/opentelemetry-proto trace/v1/trace.proto
 */

interface Span {
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: ReadonlyMap<string, string>;
  readonly failed: boolean;
}

/** One line a span, children below their parent, in the order they began. */
export function drawSpans(body: Buffer): string {
  const spans = inside(body, 1)
    .flatMap((resource) => inside(resource, 2))
    .flatMap((scope) => inside(scope, 2))
    .map(readSpan);
  const byParent = Map.groupBy(spans, (span) => span.parent);
  const draw = (span: Span, indent: string): string[] => [
    `${indent}${span.name.padEnd(30 - indent.length)} ${milliseconds(span)}${span.failed ? '  failed' : ''}${stagesText(span)}`,
    ...inOrder(byParent.get(span.id)).flatMap((child) => draw(child, `${indent}  `)),
  ];
  return inOrder(byParent.get(''))
    .flatMap((root) => draw(root, ''))
    .join('\n');
}

function inOrder(spans: readonly Span[] = []): readonly Span[] {
  return spans.toSorted((a, b) => Number(a.startNs - b.startNs));
}

function milliseconds({ startNs, endNs }: Span): string {
  return `${(Number(endNs - startNs) / 1e6).toFixed(2).padStart(8)} ms`;
}

/** Where the time of a call went, where the span says so. */
function stagesText({ attributes }: Span): string {
  const stages = [...attributes].filter(([key]) => key.startsWith('sandtune.stage.'));
  const parts = stages.map(
    ([key, seconds]) => `${key.slice('sandtune.stage.'.length)} ${(Number(seconds) * 1000).toFixed(2)} ms`,
  );
  return parts.length > 0 ? `  (${[attributes.get('sandtune.function'), ...parts].join(', ')})` : '';
}

function readSpan(bytes: Buffer): Span {
  const attributes = inside(bytes, 9).map((attribute): [string, string] => [
    text(attribute, 1),
    value(inside(attribute, 2)[0]),
  ]);
  return {
    id: inside(bytes, 2)[0]?.toString('hex') ?? '',
    parent: inside(bytes, 4)[0]?.toString('hex') ?? '',
    name: text(bytes, 5),
    startNs: inside(bytes, 7)[0]?.readBigUInt64LE() ?? 0n,
    endNs: inside(bytes, 8)[0]?.readBigUInt64LE() ?? 0n,
    attributes: new Map(attributes),
    // Status 15, its code 3: 2 is an error.
    failed: inside(inside(bytes, 15)[0] ?? Buffer.alloc(0), 3)[0]?.[0] === 2,
  };
}

/** AnyValue: a string, a double, or a whole number. */
function value(bytes: Buffer = Buffer.alloc(0)): string {
  const double = inside(bytes, 4)[0];
  if (double) return String(double.readDoubleLE());
  const whole = inside(bytes, 3)[0];
  return whole ? String(varint(whole, 0).value) : text(bytes, 1);
}

function text(bytes: Buffer, field: number): string {
  return inside(bytes, field)[0]?.toString('utf8') ?? '';
}

/** The contents of each occurrence of a field of a message. */
function inside(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const key = varint(message, at);
    const [from, to] = extent(message, key.end, key.value & 7);
    if (key.value >>> 3 === field) found.push(message.subarray(from, to));
    at = to;
  }
  return found;
}

/** Where the value of this wire type begins and ends. */
function extent(message: Buffer, at: number, wireType: number): [number, number] {
  if (wireType === 0) return [at, varint(message, at).end];
  if (wireType === 1) return [at, at + 8];
  if (wireType === 5) return [at, at + 4];
  if (wireType !== 2) throw new Error(`expected wire type 0, 1, 2 or 5, got ${wireType}`);
  const length = varint(message, at);
  return [length.end, length.end + length.value];
}

function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from, scale = 1; ; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at + 1 };
  }
}
