import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { functionSink, pipeline } from 'sandtune/stream';
import { expect, it, onTestFinished } from 'vitest';
import { executorOf } from './stream-support.ts';

class Collector extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}

  /** Data points of a metric now, by what tells them apart. */
  async points(name: string): Promise<Record<string, number>> {
    const { resourceMetrics } = await this.collect();
    const found = resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .find((m) => m.descriptor.name === name);
    const points = (found?.dataPoints ?? []) as readonly DataPoint<number>[];
    const keyOf = ({ attributes }: DataPoint<number>) =>
      ['sandtune.stream.stage', 'sandtune.stream.stage.state', 'sandtune.outcome']
        .flatMap((key) => (attributes[key] === undefined ? [] : [attributes[key] as string]))
        .join(' ');
    return Object.fromEntries(points.map((point) => [keyOf(point), point.value]));
  }
}

function registerMeters(): Collector {
  const collector = new Collector();
  metrics.disable();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [collector] }));
  return collector;
}

let runs = 0;

/** A run of two stages, of which the second holds every record until it is let go. */
function heldRun() {
  const held = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  const stream = pipeline(
    [
      { name: 'parse', executor: executorOf((text) => text) },
      { name: 'render', executor: executorOf(async (text) => (await held.promise, text)), maxConcurrency: 2 },
    ],
    { name: `metered-${runs++}`, bufferBytes: 4096 },
  );
  async function* source() {
    for (let i = 0; i < 10; i++) yield String(i);
    await enough.promise;
    yield 'last';
  }
  const running = stream.run(
    source(),
    functionSink(() => {}),
  );
  return { stream, running, held, enough };
}

it('the shares of each stage, the slowest of them and what is in flight are metrics while a run is under way', async () => {
  const collector = registerMeters();
  onTestFinished(() => metrics.disable());
  const { stream, running, held, enough } = heldRun();
  const isFull = () => stream.progress().callsInFlight === 2 && stream.progress().inFlightRecords === 10;
  while (!isFull() || stream.progress().slowest !== 'render') await turn();
  const shares = await collector.points('sandtune.stream.stage.utilization');
  expect(Object.keys(shares).sort()).toEqual(
    ['parse', 'render'].flatMap((stage) => ['blocked', 'busy', 'starved'].map((state) => `${stage} ${state}`)),
  );
  for (const stage of ['parse', 'render'])
    expect(
      ['busy', 'starved', 'blocked'].reduce((sum, state) => sum + (shares[`${stage} ${state}`] ?? Number.NaN), 0),
    ).toBeCloseTo(1);
  expect(await collector.points('sandtune.stream.stage.slowest')).toEqual({ parse: 0, render: 1 });
  expect(await collector.points('sandtune.stream.buffer.records')).toEqual({ '': 10 });
  expect(await collector.points('sandtune.stream.buffer.usage')).toEqual({ '': 10 });
  expect(await collector.points('sandtune.stream.buffer.limit')).toEqual({ '': 4096 });
  held.resolve();
  while (stream.progress().delivered < 10) await turn();
  expect(await collector.points('sandtune.stream.records')).toMatchObject({ ok: 10, trap: 0 });
  enough.resolve();
  await running;
  const idle = await collector.points('sandtune.stream.stage.utilization');
  expect(Object.entries(idle).filter(([, share]) => share > 0)).toEqual([
    ['parse starved', 1],
    ['render starved', 1],
  ]);
});

it('who begins to collect later than the run is told too, and who was there before no more', async () => {
  const before = registerMeters();
  const { stream, running, held, enough } = heldRun();
  while (stream.progress().callsInFlight < 2) await turn();
  const after = registerMeters();
  onTestFinished(() => metrics.disable());
  held.resolve();
  while (stream.progress().delivered < 10) await turn();
  expect(Object.keys(await after.points('sandtune.stream.stage.slowest'))).toEqual(['parse', 'render']);
  expect(await before.points('sandtune.stream.stage.slowest')).toEqual({});
  enough.resolve();
  await running;
});

it('a Prometheus exporter of OpenTelemetry gives them under names of its conventions', async () => {
  const collector = registerMeters();
  onTestFinished(() => metrics.disable());
  const { stream, running, held, enough } = heldRun();
  while (stream.progress().callsInFlight < 2) await turn();
  const near = createRequire(import.meta.url);
  const { PrometheusSerializer } = createRequire(near.resolve('@opentelemetry/sdk-node'))(
    '@opentelemetry/exporter-prometheus',
  ) as { PrometheusSerializer: new () => { serialize(metrics: unknown): string } };
  const text = new PrometheusSerializer().serialize((await collector.collect()).resourceMetrics);
  expect(text).toContain('# TYPE sandtune_stream_stage_utilization gauge');
  expect(text).toMatch(/sandtune_stream_stage_slowest\{[^}]*sandtune_stream_stage="render"[^}]*\} 1/);
  expect(text).toMatch(/sandtune_stream_records_total\{[^}]*sandtune_outcome="ok"[^}]*\} 0/);
  held.resolve();
  enough.resolve();
  await running;
});
