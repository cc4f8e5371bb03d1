/** What a stream does, as a collector gets it by OTLP: real export bytes, taken apart by `protoc`. */
import { execFileSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { measured } from 'sandtune';
import { functionSink, pipeline } from 'sandtune/stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startOtlp } from '../../../exporters/otlp/index.ts';
import { findProgram } from '../../support/require-program.ts';
import { startReceiver } from './receiver.ts';
import { type Message, parseTextFormat, type Value } from './text-format.ts';

const protoc = findProgram('protoc', 'apt-get install protobuf-compiler');

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(protoc.missing)(`what a stream sends by OTLP${protoc.note}`, () => {
  it('has the shares of each of its stages, which sum to 1, and the slowest of these', async () => {
    await using receiver = await startReceiver();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.endpoint);
    const otlp = await startOtlp({ endpoint: receiver.endpoint, metrics: true });
    const held = Promise.withResolvers<void>();
    const stage = (name: string, run: (record: Uint8Array) => unknown) => ({ name, executor: measured({ name, run }) });
    const stream = pipeline([
      stage('parse', (record) => record),
      stage('render', async (record) => (await held.promise, record)),
    ]);
    const running = stream.run(
      ['a', 'b', 'c'],
      functionSink(() => {}),
    );
    while (stream.progress().slowest !== 'render') await turn();
    // Metrics are read once more as it ends.
    await otlp.shutdown();
    held.resolve();
    await running;
    const { body } = receiver.received.find(({ url }) => url === '/v1/metrics') ?? {};
    const metrics = sentMetrics(execFileSync(protoc.path, ['--decode_raw'], { input: body, encoding: 'utf8' }));
    const shares = metrics.get('sandtune.stream.stage.utilization') ?? [];
    for (const name of ['parse', 'render']) {
      const own = shares.filter((one) => one.attributes['sandtune.stream.stage'] === name);
      expect(own.map((one) => one.attributes['sandtune.stream.stage.state'])).toEqual(['busy', 'starved', 'blocked']);
      expect(own.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 9);
    }
    const slowest = (metrics.get('sandtune.stream.stage.slowest') ?? []).filter(({ value }) => value === 1);
    expect(slowest.map(({ attributes }) => attributes['sandtune.stream.stage'])).toEqual(['render']);
  });
});

interface Point {
  readonly attributes: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Gauges by their names.
 * @see https://github.com/open-telemetry/opentelemetry-proto, metrics/v1/metrics.proto: the numbers of the fields
 */
function sentMetrics(text: string): Map<string, readonly Point[]> {
  const metrics = ['1', '2', '2'].reduce(
    (all, field) => all.flatMap((one) => members(one[field])),
    [parseTextFormat(text)],
  );
  return new Map(
    metrics.map((metric) => {
      const points = members(metric['5']).flatMap((gauge) => members(gauge['1']));
      return [
        textOf(metric['1']),
        points.map((point) => ({ attributes: attributesOf(point), value: doubleOf(point) })),
      ];
    }),
  );
}

function attributesOf(point: Message): Record<string, string> {
  return Object.fromEntries(members(point['7']).map((one) => [textOf(one['1']), textOf(members(one['2'])[0]?.['1'])]));
}

/** protoc prints its eight bytes as a number in hex. */
function doubleOf(point: Message): number {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(textOf(point['4'])));
  return bits.readDoubleBE();
}

function members(values: Value[] = []): Message[] {
  return values.filter((one): one is Message => typeof one === 'object' && !Buffer.isBuffer(one));
}

function textOf(values: Value[] = []): string {
  const [value] = values;
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : '';
}
