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
      clamped: [],
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
    expect(small.clamped).toEqual([expect.stringContaining('in place of 512')]);
    expect(resolve({ maxQueueSize: 100, maxExportBatchSize: 1000 })).toMatchObject({
      maxExportBatchSize: 100,
      clamped: [],
    });
  });

  it('startOtlp() says so when the environment asks for another protocol', () => {
    expect(resolve({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).clamped).toEqual([
      expect.stringContaining('http/protobuf'),
    ]);
  });

  it('startOtlp() adds the path of traces to the endpoint', () => {
    expect(resolve({ endpoint: 'http://jaeger:4318' }).tracesUrl).toBe('http://jaeger:4318/v1/traces');
    expect(resolve({ endpoint: 'https://host/otlp/' }).tracesUrl).toBe('https://host/otlp/v1/traces');
  });

  it.each([
    [{ endpoint: 'jaeger:4318' }, 'endpoint: expected an http(s) address, got "jaeger:4318"'],
    [{ endpoint: '' }, 'endpoint: expected a non-empty string'],
    [{ deadlineMs: 0 }, 'deadlineMs: expected a number of at least 1, got 0'],
    [{ maxQueueSize: 0 }, 'maxQueueSize: expected an integer of at least 1, got 0'],
    [{ metrics: 'yes' }, 'metrics: expected true or false, got "yes"'],
    [{ headers: 'a=b' }, 'headers: expected an object of strings'],
    [{ url: 'http://x' }, "no option 'url'"],
  ])('startOtlp() refuses the options %j', (options, message) => {
    expect(() => resolve(options as OtlpOptions)).toThrow(message);
  });

  it('startOtlp() refuses a variable that is no number', () => {
    expect(() => resolve({}, { OTEL_BSP_MAX_QUEUE_SIZE: 'many' })).toThrow(
      'OTEL_BSP_MAX_QUEUE_SIZE: expected an integer',
    );
  });
});
