/**
 * The only place that touches the OpenTelemetry SDK: 90 MB that nobody needs who does not export, so
 * it is an optional peer, loaded when `startOtlp()` is called. Only `sdk-node` is asked for. It depends on
 * all else that is needed, which is loaded from where it lies, so the parts fit each other in any version;
 * and as CommonJS, so that each part is loaded once.
 *
 *   sdk-node ─▶ resources, exporter-trace-otlp-proto; processors are its own `tracing` (SDK 1 and 2) or in
 *               sdk-trace (SDK 3)
 */
import type { ResourceDetector } from '@opentelemetry/resources';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';

// webpack warns of a require that it cannot follow.
const { createRequire } = process.getBuiltinModule('node:module');

/**
 * The versions whose parts have the shapes below. package.json names the optional peer without them: npm looks
 * for room for the newest SDK of a range also where nobody asked for one, finds that its own peers do not go
 * with an older SDK of the program, and installs nothing.
 */
export const peerRange = '>=0.57.0 <0.400.0';
const peer = '@opentelemetry/sdk-node';

/** The limits of a queue of spans, as all versions name them. */
interface QueueLimits {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
}

export interface Sdk {
  /** The copy of the API that the SDK registers itself with: not ours, where that is an ES module. */
  readonly api: Pick<typeof import('@opentelemetry/api'), 'trace' | 'metrics' | 'context' | 'propagation'> &
    Partial<Pick<typeof import('@opentelemetry/api'), 'logs'>>;
  readonly NodeSDK: typeof import('@opentelemetry/sdk-node')['NodeSDK'];
  readonly OTLPTraceExporter: typeof import('@opentelemetry/exporter-trace-otlp-proto')['OTLPTraceExporter'];
  /** Those that answer at once, the weakest first. */
  readonly resourceDetectors: readonly ResourceDetector[];
  readonly batchProcessor: (exporter: SpanExporter, limits: QueueLimits) => SpanProcessor;
  /** Prints each span. */
  readonly printingProcessor: () => SpanProcessor;
}

/** SDK 1 and 2 take the exporter and the limits apart, SDK 3 in one object. */
type Apart = new (exporter: SpanExporter, limits?: QueueLimits) => SpanProcessor;
type InOne = new (options: Partial<QueueLimits> & { exporter: SpanExporter }) => SpanProcessor;
interface Processors<T> {
  readonly BatchSpanProcessor: T;
  readonly SimpleSpanProcessor: T;
  readonly ConsoleSpanExporter: new () => SpanExporter;
}

/**
 * @param places files that the peer is looked for from, in this order; the parts are looked for from the peer
 * @throws {SandtuneError} ERR_SANDTUNE_PEER_MISSING with the line that installs what is missing
 */
export function loadSdk(places: readonly string[]): Sdk {
  const nearby = requireNear(places);
  const { NodeSDK, tracing } = part<Pick<Sdk, 'NodeSDK'> & { readonly tracing?: Processors<Apart> }>(nearby, peer, [
    'NodeSDK',
  ]);
  const parts = createRequire(nearby.resolve(peer));
  return {
    api: part<Sdk['api']>(parts, '@opentelemetry/api', ['trace', 'metrics', 'context', 'propagation']),
    NodeSDK,
    ...part<Pick<Sdk, 'OTLPTraceExporter'>>(parts, '@opentelemetry/exporter-trace-otlp-proto', ['OTLPTraceExporter']),
    resourceDetectors: detectorsOf(parts),
    // A package of SDK 2 may lie beside SDK 3, for another part of the program: what the peer itself has decides.
    ...(tracing ? processorsApart(tracing) : processorsInOne(parts)),
  };
}

function requireNear(places: readonly string[]): NodeJS.Require {
  const near = places.map((place) => createRequire(place));
  const [first] = near;
  if (first === undefined) throw new TypeError('expected a file to look from, got none');
  return near.find((one) => finds(one, peer)) ?? first;
}

/**
 * SDK 1 has each twice, and the one of this name answers later: spans that end before could not be counted. The
 * detector of the host does so in all versions, and is left out.
 */
function detectorsOf(load: NodeJS.Require): readonly ResourceDetector[] {
  const name = '@opentelemetry/resources';
  const all = part<Readonly<Record<string, ResourceDetector>>>(load, name, ['envDetector', 'processDetector']);
  return ['processDetector', 'serviceInstanceIdDetector', 'envDetector'].flatMap(
    (one) => all[`${one}Sync`] ?? all[one] ?? [],
  );
}

function processorsApart(tracing: Processors<Apart>): Pick<Sdk, 'batchProcessor' | 'printingProcessor'> {
  const { BatchSpanProcessor, SimpleSpanProcessor, ConsoleSpanExporter } = tracing;
  return {
    batchProcessor: (exporter, limits) => new BatchSpanProcessor(exporter, limits),
    printingProcessor: () => new SimpleSpanProcessor(new ConsoleSpanExporter()),
  };
}

function processorsInOne(load: NodeJS.Require): Pick<Sdk, 'batchProcessor' | 'printingProcessor'> {
  const { BatchSpanProcessor, SimpleSpanProcessor, ConsoleSpanExporter } = part<Processors<InOne>>(
    load,
    '@opentelemetry/sdk-trace',
    ['BatchSpanProcessor', 'SimpleSpanProcessor', 'ConsoleSpanExporter'],
  );
  return {
    batchProcessor: (exporter, limits) => new BatchSpanProcessor({ exporter, ...limits }),
    printingProcessor: () => new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }),
  };
}

function finds(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** What a package exports under these names. */
function part<T extends object>(load: NodeJS.Require, name: string, wanted: readonly (keyof T & string)[]): T {
  let loaded: T;
  try {
    loaded = load(name) as T;
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Strict package managers hand it no copy of the API that the program has not asked for.
    throw finds(load, name)
      ? unfit(`expected ${name} to find all that it needs`, error, 'npm install @opentelemetry/api')
      : unfit(`expected the optional peer ${name} to be installed, found none`, error);
  }
  const lacks = wanted.filter((one) => loaded[one] === undefined);
  if (lacks.length > 0) throw unfit(`expected ${name} of OpenTelemetry ${peerRange}, got one without ${lacks.join()}`);
  return loaded;
}

function isMissing(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
}

function unfit(what: string, cause?: unknown, line = `npm install '${peer}@${peerRange}'`): SandtuneError {
  const detail = cause === undefined ? '' : ` (${firstLineOf(messageOf(cause))})`;
  const text = `sandtune/otlp: ${what}${detail}. Install it with:\n  ${line}`;
  return new SandtuneError('ERR_SANDTUNE_PEER_MISSING', text, { cause });
}

/** Node lists the files that asked for it below. */
function firstLineOf(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
