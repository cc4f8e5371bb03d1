import { describe, expect, it } from 'vitest';
import { type OtlpOptions, otlpDefaults, resolveOtlpOptions } from '../../../exporters/otlp/options.ts';

const resolve = (options: OtlpOptions = {}, environment: Record<string, string> = {}) =>
  resolveOtlpOptions(options, environment);

describe('options of startOtlp()', () => {
  it('startOtlp() is safe by default: gzip, traces only, a queue that a shutdown can send', () => {
    const { maxQueueSize, maxExportBatchSize, ...rest } = resolve();
    expect(maxQueueSize / maxExportBatchSize).toBeLessThan(30);
    expect(rest).toMatchObject({
      serviceName: otlpDefaults.serviceName,
      compression: 'gzip',
      traces: true,
      metrics: false,
      logs: false,
      tracesUrl: undefined,
      notes: [],
    });
  });

  it('startOtlp() leaves to the environment what it says', () => {
    expect(resolve({}, { OTEL_SERVICE_NAME: 'shop' }).serviceName).toBeUndefined();
    expect(resolve({}, { OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=shop' }).serviceName).toBeUndefined();
    expect(resolve({}, { OTEL_RESOURCE_ATTRIBUTES: 'not.service.name=shop' }).serviceName).toBe('sandtune');
    expect(resolve({}, { OTEL_EXPORTER_OTLP_COMPRESSION: 'none' }).compression).toBeUndefined();
    expect(resolve({}, { OTEL_TRACES_EXPORTER: 'none' }).traces).toBe(false);
    expect(resolve({}, { OTEL_BSP_SCHEDULE_DELAY: '0' }).scheduledDelayMs).toBe(0);
    expect(resolve({ scheduledDelayMs: 5 }, { OTEL_BSP_SCHEDULE_DELAY: '9' }).scheduledDelayMs).toBe(5);
  });

  it('startOtlp() raises a batch size that would lose spans at shutdown, and says so', () => {
    const small = resolve({}, { OTEL_BSP_MAX_QUEUE_SIZE: '65536', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '512' });
    expect(small.maxQueueSize / small.maxExportBatchSize).toBeLessThan(30);
    expect(small.notes).toEqual([expect.stringContaining('in place of 512')]);
    expect(resolve({ maxQueueSize: 100, maxExportBatchSize: 1000 })).toMatchObject({
      maxExportBatchSize: 100,
      notes: [],
    });
  });

  it('startOtlp() says so when the environment asks for another protocol', () => {
    expect(resolve({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).notes).toEqual([
      expect.stringContaining('http/protobuf'),
    ]);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: ' http/protobuf' }, []],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, [expect.stringContaining('expected gzip or none, got "zstd"')]],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=b, c=d==,' }, []],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=b,Authorization: hush' }, [expect.not.stringContaining('hush')]],
    [{ OTEL_EXPORTER_OTLP_TRACES_HEADERS: '=hush' }, [expect.stringContaining('expected name=value pairs')]],
  ])('startOtlp() says what the variables %j ask for and do not get', (variables, notes) => {
    expect(resolve({}, variables).notes).toEqual(notes);
    expect(resolve({}, { ...variables, OTEL_TRACES_EXPORTER: 'console' }).notes).toEqual([]);
  });

  it('startOtlp() adds the path of traces to the endpoint', () => {
    expect(resolve({ endpoint: 'http://jaeger:4318' }).tracesUrl).toBe('http://jaeger:4318/v1/traces');
    expect(resolve({ endpoint: 'https://host/otlp/' }).tracesUrl).toBe('https://host/otlp/v1/traces');
    expect(resolve({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/' }).tracesUrl).toBe(
      'http://otel:4318/v1/traces',
    );
  });

  it('startOtlp() takes the address of traces as it is, before the one of all signals, and says that it has no path', () => {
    const both = (traces: string) =>
      resolve({}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:1' });
    expect(both('http://otel:4318/own')).toMatchObject({ tracesUrl: 'http://otel:4318/own', notes: [] });
    expect(both('http://otel:4318').notes).toEqual([expect.stringContaining('expected http://otel:4318/v1/traces')]);
  });

  it.each([
    [{ endpoint: 'http://otel:4318/v1/traces/' }, {}, 'endpoint'],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/v1/traces' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ])(
    'startOtlp() does not add /v1/traces to an address that ends in it, and says so: %j %j',
    (options, variables, name) => {
      const { tracesUrl, notes } = resolve(options, variables);
      expect(tracesUrl).toBe('http://otel:4318/v1/traces');
      expect(notes).toEqual([expect.stringMatching(`^${name}: expected the address above /v1/traces`)]);
    },
  );

  it.each([
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://otel:4318/v1/traces/v1/traces' }, '/v1/traces stands twice'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/v1/metrics' }, 'traces go to /v1/metrics/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/v1/' }, 'traces go to /v1/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4317' }, 'port 4317 is usually that of gRPC'],
  ])('startOtlp() says what looks like a mistake in the address %j', (variables, words) => {
    expect(resolve({}, variables).notes).toEqual([expect.stringContaining(words)]);
  });

  it.each(['user:hush@otel:4318', 'grpc://user:hush@otel', 'http://user:hu/hush@otel', 'otel:4318?key=hush'])(
    'startOtlp() refuses the address %s without saying what may be a secret',
    (endpoint) => {
      const refused = { message: expect.not.stringContaining('hush') };
      expect(() => resolve({ endpoint })).toThrow(expect.objectContaining(refused));
      expect(() => resolve({}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toThrow(expect.objectContaining(refused));
    },
  );

  it('startOtlp() asks nothing of the variables of traces that are not sent', () => {
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://otel:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(resolve({}, { ...variables, OTEL_TRACES_EXPORTER: 'none' })).toMatchObject({ traces: false, notes: [] });
    expect(() => resolve({ endpoint: 'otel:4318' }, { OTEL_TRACES_EXPORTER: 'none' })).toThrow('endpoint: expected');
  });

  it('startOtlp() prints spans where OTEL_TRACES_EXPORTER asks for the console, and sends them where it asks for that too', () => {
    const asked = (OTEL_TRACES_EXPORTER: string) => {
      const { traces, prints } = resolve({}, { OTEL_TRACES_EXPORTER });
      return { traces, prints };
    };
    expect(asked('')).toEqual({ traces: true, prints: false });
    expect(asked('console')).toEqual({ traces: false, prints: true });
    expect(asked('otlp, console')).toEqual({ traces: true, prints: true });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT: expected an http(s) address'],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '10.0.0.1:4318' },
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: expected an http(s)',
    ],
    [{ OTEL_TRACES_EXPORTER: 'none,console' }, `OTEL_TRACES_EXPORTER: expected 'none' alone, got "none,console"`],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '3000000000' }, 'OTEL_EXPORTER_OTLP_TIMEOUT: expected a number from 1 to 86400000'],
    [{ OTEL_BSP_SCHEDULE_DELAY: '3000000000' }, 'OTEL_BSP_SCHEDULE_DELAY: expected an integer from 0 to 86400000'],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, `OTEL_TRACES_EXPORTER: expected 'otlp', 'console' or 'none', got "zipkin"`],
  ])('startOtlp() refuses the variables %j', (variables, message) => {
    expect(() => resolve({}, variables)).toThrow(message);
  });

  it.each([
    [{ endpoint: 'jaeger:4318' }, 'endpoint: expected an http(s) address, as http://localhost:4318, got "jaeger:4318"'],
    [{ endpoint: '' }, 'endpoint: expected a non-empty string'],
    [{ deadlineMs: 0 }, 'deadlineMs: expected a number from 1 to 86400000, got 0'],
    [{ maxQueueSize: 0 }, 'maxQueueSize: expected an integer of at least 1, got 0'],
    [{ metrics: 'yes' }, 'metrics: expected true or false, got "yes"'],
    [{ headers: 'a=b' }, 'headers: expected an object of strings'],
    [{ headers: new Map([['a', 'b']]) }, 'headers: expected an object of strings, got a Map'],
    [{ headers: { a: 1 } }, 'headers: expected an object of strings'],
    [{ headers: { a: 'two\nlines' } }, 'headers: expected names and values that HTTP allows, got "a"'],
    [{ url: 'http://x' }, "no option 'url'"],
  ])('startOtlp() refuses the options %j', (options, message) => {
    expect(() => resolve(options as OtlpOptions)).toThrow(message);
  });

  it('startOtlp() refuses an address without a scheme also for the metrics and logs that it is asked to start', () => {
    const variables = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'm:1', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'l:1' };
    expect(() => resolve({ metrics: true }, variables)).toThrow(
      'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: expected an http',
    );
    expect(() => resolve({ logs: true }, variables)).toThrow('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: expected an http');
    expect(resolve({}, variables).notes).toEqual([]);
  });

  it('startOtlp() takes the deadline of the option, of traces, of all signals, in this order', () => {
    const both = { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000', OTEL_EXPORTER_OTLP_TIMEOUT: '3000' };
    expect(resolve({ deadlineMs: 1000 }, both).deadlineMs).toBe(1000);
    expect(resolve({}, both).deadlineMs).toBe(2000);
    expect(resolve({}, { OTEL_EXPORTER_OTLP_TIMEOUT: '3000' }).deadlineMs).toBe(3000);
    expect(resolve().deadlineMs).toBe(otlpDefaults.deadlineMs);
    expect(() => resolve({}, { OTEL_EXPORTER_OTLP_TIMEOUT: '10s' })).toThrow('OTEL_EXPORTER_OTLP_TIMEOUT: expected');
  });

  it('startOtlp() says so when the environment has switched OpenTelemetry off', () => {
    expect(resolve({}, { OTEL_SDK_DISABLED: 'True' }).notes).toEqual([
      expect.stringContaining('OTEL_SDK_DISABLED=true'),
    ]);
  });

  it('startOtlp() refuses a variable that is no number', () => {
    expect(() => resolve({}, { OTEL_BSP_MAX_QUEUE_SIZE: 'many' })).toThrow(
      'OTEL_BSP_MAX_QUEUE_SIZE: expected an integer',
    );
  });
});
