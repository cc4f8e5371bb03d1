/**
 * Options of `startOtlp()`. What is not said here is taken from the `OTEL_*` variables, and what is
 * not said there either has a safe default.
 */
import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkObject,
  checkText,
  expected,
} from '../../src/foundation/options.ts';
import type { EnvironmentVariables } from '../../src/foundation/surroundings.ts';

export interface OtlpOptions {
  /** `service.name`. @defaultValue $OTEL_SERVICE_NAME, `service.name` of $OTEL_RESOURCE_ATTRIBUTES, or 'sandtune' */
  readonly serviceName?: string;
  /**
   * Base address of the collector; `/v1/traces` is added, unless it is there.
   * @defaultValue $OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, $OTEL_EXPORTER_OTLP_ENDPOINT, or 'http://localhost:4318'
   */
  readonly endpoint?: string;
  /** Sent with each export. @defaultValue $OTEL_EXPORTER_OTLP_HEADERS */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time one export may take, retries included, ms. @defaultValue $OTEL_EXPORTER_OTLP_TIMEOUT or 10_000 */
  readonly deadlineMs?: number;
  /** Spans that may wait to be sent; more are lost, and counted. @defaultValue $OTEL_BSP_MAX_QUEUE_SIZE or 65_536 */
  readonly maxQueueSize?: number;
  /** Spans an export holds. @defaultValue $OTEL_BSP_MAX_EXPORT_BATCH_SIZE or 2560 */
  readonly maxExportBatchSize?: number;
  /** A part-filled batch waits this long, ms. @defaultValue $OTEL_BSP_SCHEDULE_DELAY or 1000 */
  readonly scheduledDelayMs?: number;
  /** Also start OpenTelemetry's metrics, as `OTEL_*` says. @defaultValue false */
  readonly metrics?: boolean;
  /** Also start OpenTelemetry's logs, as `OTEL_*` says. @defaultValue false */
  readonly logs?: boolean;
}

export interface ResolvedOtlpOptions {
  /** undefined: the environment names the service. */
  readonly serviceName: string | undefined;
  /** undefined: the exporter's own default. */
  readonly tracesUrl: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly deadlineMs: number | undefined;
  /** undefined: the environment says how. */
  readonly compression: 'gzip' | undefined;
  readonly traces: boolean;
  /** Spans are also printed, as `OTEL_TRACES_EXPORTER=console` asks. */
  readonly prints: boolean;
  readonly metrics: boolean;
  readonly logs: boolean;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMs: number;
  /** What was changed to stay safe, or looks like a mistake, in words. */
  readonly clamped: readonly string[];
}

export const otlpDefaults = Object.freeze({
  serviceName: 'sandtune',
  maxQueueSize: 65_536,
  maxExportBatchSize: 2560,
  scheduledDelayMs: 1000,
  metrics: false,
  logs: false,
});

/**
 * A shutdown sends all batches of a full queue at once, and the exporter refuses the 31st that is out
 * (one may have been out before): a longer queue in smaller batches would lose spans at the very end.
 */
const mostBatchesInQueue = 29;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveOtlpOptions(options: OtlpOptions, environment: EnvironmentVariables): ResolvedOtlpOptions {
  checkObject('startOtlp()', options);
  const { serviceName, endpoint, headers, deadlineMs, metrics, logs } = options;
  const known = ['serviceName', 'endpoint', 'headers', 'deadlineMs', 'metrics', 'logs', ...Object.keys(queueVariables)];
  checkKeys('startOtlp()', options, known);
  if (headers !== undefined && (typeof headers !== 'object' || headers === null)) {
    throw expected('headers', 'an object of strings', headers);
  }
  const clamped: string[] = [];
  const exporters = exportersOf(environment['OTEL_TRACES_EXPORTER']);
  const protocol = environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? environment['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol && protocol !== 'http/protobuf') {
    clamped.push(`OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}: traces go by http/protobuf (port 4318)`);
  }
  return {
    serviceName: serviceName === undefined ? defaultServiceName(environment) : checkText('serviceName', serviceName),
    tracesUrl: tracesUrlOf(endpoint, environment, clamped),
    headers,
    deadlineMs: deadlineMs === undefined ? undefined : checkNumber('deadlineMs', deadlineMs, { min: 1 }),
    compression:
      (environment['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION'] ?? environment['OTEL_EXPORTER_OTLP_COMPRESSION'])
        ? undefined
        : 'gzip',
    traces: exporters.has('otlp'),
    prints: exporters.has('console'),
    metrics: checkBoolean('metrics', metrics ?? otlpDefaults.metrics),
    logs: checkBoolean('logs', logs ?? otlpDefaults.logs),
    ...resolveQueue(options, environment, clamped),
    clamped,
  };
}

const queueVariables = {
  maxQueueSize: 'OTEL_BSP_MAX_QUEUE_SIZE',
  maxExportBatchSize: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  scheduledDelayMs: 'OTEL_BSP_SCHEDULE_DELAY',
} as const;

type Queue = Pick<ResolvedOtlpOptions, keyof typeof queueVariables>;

function resolveQueue(options: OtlpOptions, environment: EnvironmentVariables, clamped: string[]): Queue {
  const value = (key: keyof Queue, min: number) => {
    const variable = queueVariables[key];
    const text = environment[variable];
    if (options[key] !== undefined) return checkInteger(key, options[key], { min });
    return text ? checkInteger(variable, Number(text), { min }) : otlpDefaults[key];
  };
  const maxQueueSize = value('maxQueueSize', 1);
  const wanted = Math.min(value('maxExportBatchSize', 1), maxQueueSize);
  const maxExportBatchSize = Math.max(wanted, Math.ceil(maxQueueSize / mostBatchesInQueue));
  if (maxExportBatchSize !== wanted) {
    clamped.push(
      `maxExportBatchSize: ${maxExportBatchSize} in place of ${wanted}, so that a queue of ${maxQueueSize} survives shutdown`,
    );
  }
  return { maxQueueSize, maxExportBatchSize, scheduledDelayMs: value('scheduledDelayMs', 0) };
}

function defaultServiceName(environment: EnvironmentVariables): string | undefined {
  const named =
    environment['OTEL_SERVICE_NAME'] || /(^|,)\s*service\.name\s*=/.test(environment['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
  return named ? undefined : otlpDefaults.serviceName;
}

/** @see OpenTelemetry's specification, "General SDK Configuration", OTEL_TRACES_EXPORTER */
function exportersOf(variable: string | undefined): ReadonlySet<string> {
  const names = (variable ?? '').split(',').flatMap((name) => name.trim() || []);
  const unknown = names.find((name) => !['otlp', 'console', 'none'].includes(name));
  if (unknown !== undefined) throw expected('OTEL_TRACES_EXPORTER', "'otlp', 'console' or 'none'", unknown);
  return new Set(names.length === 0 ? ['otlp'] : names);
}

const tracesPath = '/v1/traces';

/**
 * The option, else the variable of traces, which is taken as it is, else the general one, which is a base.
 * @see OpenTelemetry Protocol Exporter specification, "Endpoint URLs for OTLP/HTTP"
 */
function tracesUrlOf(
  endpoint: string | undefined,
  environment: EnvironmentVariables,
  clamped: string[],
): string | undefined {
  if (endpoint !== undefined) return underBase('endpoint', checkText('endpoint', endpoint), clamped);
  const ofTraces = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (ofTraces) {
    const url = addressOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ofTraces);
    if (url.pathname === '/')
      clamped.push(
        `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is, and has no path: expected ${url.origin}${tracesPath}`,
      );
    return url.href;
  }
  const ofAll = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return ofAll ? underBase('OTEL_EXPORTER_OTLP_ENDPOINT', ofAll, clamped) : undefined;
}

function underBase(name: string, text: string, clamped: string[]): string {
  const url = addressOf(name, text);
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith(tracesPath)) {
    clamped.push(`${name}: expected the address above ${tracesPath}, got one that ends in it: taken as it is`);
    url.pathname = path;
  } else url.pathname = `${path}${tracesPath}`;
  return url.href;
}

function addressOf(name: string, text: string): URL {
  const url = URL.parse(text.trim());
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw expected(name, 'an http(s) address, as http://localhost:4318', text);
  return url;
}
