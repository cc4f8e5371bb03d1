/**
 * Options of `startOtlp()`. What is not said here is taken from the `OTEL_*` variables, and what is
 * not said there either has a safe default.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { messageOf } from '../../src/foundation/errors.ts';
import { longestLimitMs } from '../../src/foundation/limit-options.ts';
import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkObject,
  checkText,
  expected,
  reading,
} from '../../src/foundation/options.ts';
import type { EnvironmentVariables } from '../../src/foundation/surroundings.ts';
import { checkEndpointsOf, tracesUrlOf } from './endpoint.ts';
import { notFollowed } from './not-followed.ts';

/** Where spans go, and what with them. What is left out follows the `OTEL_*` variables. */
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
  /**
   * Time one export may take, retries included: 1 to 86,400,000 ms.
   * @defaultValue $OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, $OTEL_EXPORTER_OTLP_TIMEOUT, or 10_000
   */
  readonly deadlineMs?: number;
  /** Spans that may wait to be sent; more are lost, and counted. @defaultValue $OTEL_BSP_MAX_QUEUE_SIZE or 65_536 */
  readonly maxQueueSize?: number;
  /** Spans an export holds. @defaultValue $OTEL_BSP_MAX_EXPORT_BATCH_SIZE or 2560 */
  readonly maxExportBatchSize?: number;
  /** A part-filled batch waits this long: 0 to 86,400,000 ms. @defaultValue $OTEL_BSP_SCHEDULE_DELAY or 1000 */
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
  readonly deadlineMs: number;
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
  readonly notes: readonly string[];
}

export const otlpDefaults = Object.freeze({
  serviceName: 'sandtune',
  deadlineMs: 10_000,
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
  const exporters = exportersOf(environment['OTEL_TRACES_EXPORTER']);
  const traces = exporters.has('otlp');
  const notes = [...notFollowed(environment, traces)];
  const asked = {
    metrics: checkBoolean('metrics', metrics ?? otlpDefaults.metrics),
    logs: checkBoolean('logs', logs ?? otlpDefaults.logs),
  };
  if (asked.metrics) checkEndpointsOf('METRICS', environment);
  if (asked.logs) checkEndpointsOf('LOGS', environment);
  return {
    serviceName: serviceName === undefined ? defaultServiceName(environment) : checkText('serviceName', serviceName),
    // Variables say nothing of traces that are not sent; an option is checked wherever it is given.
    tracesUrl: tracesUrlOf(endpoint, traces ? environment : {}, notes),
    headers:
      headers === undefined
        ? undefined
        : reading('headers', 'an object of strings', headers, () => checkHeaders(headers)),
    deadlineMs: deadlineOf(deadlineMs, environment),
    compression:
      (environment['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION'] ?? environment['OTEL_EXPORTER_OTLP_COMPRESSION'])
        ? undefined
        : 'gzip',
    traces,
    prints: exporters.has('console'),
    ...asked,
    ...resolveQueue(options, environment, notes),
    notes,
  };
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION for what no request could carry */
function checkHeaders(headers: unknown): Readonly<Record<string, string>> {
  const isPlain = typeof headers === 'object' && headers !== null && isRecord(headers);
  if (!isPlain || !Object.values(headers).every((one) => typeof one === 'string'))
    throw expected('headers', 'an object of strings', headers);
  for (const [name, value] of Object.entries(headers as Record<string, string>)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      // The value may be a secret.
      throw expected('headers', 'names and values that HTTP allows', name, ` (${messageOf(error)})`);
    }
  }
  return headers as Readonly<Record<string, string>>;
}

/** A `Map` or a `Headers` has its pairs elsewhere. */
function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Node's timers end at once where they are given more than 24 days. */
const deadlineRange = { min: 1, max: longestLimitMs };

function deadlineOf(option: number | undefined, environment: EnvironmentVariables): number {
  if (option !== undefined) return checkNumber('deadlineMs', option, deadlineRange);
  const name = ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'].find((one) => environment[one]);
  return name === undefined ? otlpDefaults.deadlineMs : checkNumber(name, Number(environment[name]), deadlineRange);
}

const queueVariables = {
  maxQueueSize: 'OTEL_BSP_MAX_QUEUE_SIZE',
  maxExportBatchSize: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  scheduledDelayMs: 'OTEL_BSP_SCHEDULE_DELAY',
} as const;

type Queue = Pick<ResolvedOtlpOptions, keyof typeof queueVariables>;

function resolveQueue(options: OtlpOptions, environment: EnvironmentVariables, notes: string[]): Queue {
  const value = (key: keyof Queue, min: number, max?: number) => {
    const variable = queueVariables[key];
    const text = environment[variable];
    const range = max === undefined ? { min } : { min, max };
    if (options[key] !== undefined) return checkInteger(key, options[key], range);
    return text ? checkInteger(variable, Number(text), range) : otlpDefaults[key];
  };
  const maxQueueSize = value('maxQueueSize', 1);
  const wanted = Math.min(value('maxExportBatchSize', 1), maxQueueSize);
  const maxExportBatchSize = Math.max(wanted, Math.ceil(maxQueueSize / mostBatchesInQueue));
  if (maxExportBatchSize !== wanted) {
    notes.push(
      `maxExportBatchSize: ${maxExportBatchSize} in place of ${wanted}, so that a queue of ${maxQueueSize} survives shutdown`,
    );
  }
  return { maxQueueSize, maxExportBatchSize, scheduledDelayMs: value('scheduledDelayMs', 0, longestLimitMs) };
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
  if (names.includes('none') && names.length > 1) throw expected('OTEL_TRACES_EXPORTER', "'none' alone", variable);
  return new Set(names.length === 0 ? ['otlp'] : names);
}
