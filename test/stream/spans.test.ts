import { createStreamProcessor, functionSink, pipeline, type Source } from 'sandtune/stream';
import { expect, it } from 'vitest';
import { registerTelemetry } from '../measure/spans-support.ts';
import { bytes, executorOf, numbers } from './stream-support.ts';

/** Two partitions, each with so many records. */
function twoPartitions(count: number): Source {
  return {
    name: 'two',
    open: async () => ({
      partitions: ['a', 'b'].map((partition) => ({
        partition,
        identity: null,
        gives: 'records' as const,
        canSeek: false,
        read: async function* () {
          for (let i = 0; i < count; i++) yield bytes(`${partition}${i}`);
        },
      })),
      close: async () => {},
    }),
  };
}

it('a batch that is drawn has a span with a link to the source of each of its records', async () => {
  using telemetry = registerTelemetry();
  const stages = ['parse', 'render'].map((name) => ({ name, executor: executorOf((text) => text) }));
  const stream = pipeline(stages, { name: 'p', surroundings: { randomSource: () => 0 } });
  await stream.run(
    twoPartitions(10),
    functionSink(() => {}),
  );
  const sources = telemetry.spans('sandtune.stream.source');
  expect(sources.map(({ attributes }) => attributes)).toEqual(
    ['a', 'b'].map((partition) => ({
      'sandtune.executor': 'p',
      'sandtune.stream.partition': partition,
      'sandtune.stream.records': 10,
    })),
  );
  const batches = telemetry.spans('sandtune.stream.batch');
  expect(batches).toHaveLength(40);
  expect(new Set(batches.map(({ attributes }) => attributes['sandtune.stream.stage']))).toEqual(
    new Set(['parse', 'render']),
  );
  const linked = new Set(batches.map(({ links }) => links.map((link) => link.context.spanId).join()));
  expect(linked).toEqual(new Set(sources.map((source) => source.spanContext().spanId)));
  for (const { links, attributes } of batches) {
    expect(links).toHaveLength(1);
    expect(attributes['sandtune.stream.records']).toBe(1);
  }
});

it('the call of the executor is a child of its batch', async () => {
  using telemetry = registerTelemetry();
  const stream = createStreamProcessor(
    executorOf((text) => text),
    { surroundings: { randomSource: () => 0 } },
  );
  await stream.run(
    ['x'],
    functionSink(() => {}),
  );
  const [batch] = telemetry.spans('sandtune.stream.batch');
  const [call] = telemetry.spans('sandtune.call');
  expect(call?.parentSpanContext?.spanId).toBe(batch?.spanContext().spanId);
});

it('tells a call that failed as such', async () => {
  using telemetry = registerTelemetry();
  const stream = createStreamProcessor(
    executorOf(() => {
      throw new Error('bad');
    }),
    { surroundings: { randomSource: () => 0 } },
  );
  await expect(
    stream.run(
      ['x'],
      functionSink(() => {}),
    ),
  ).rejects.toThrow('bad');
  const [batch] = telemetry.spans('sandtune.stream.batch');
  expect(batch?.status).toMatchObject({ code: 2, message: 'bad' });
  expect(telemetry.spans('sandtune.stream.source')).toHaveLength(1);
});

it('draws about one call in 64, and none is kept where no SDK is registered', async () => {
  const stream = createStreamProcessor(executorOf((text) => text));
  await stream.run(
    numbers(100),
    functionSink(() => {}),
  );
  using telemetry = registerTelemetry();
  await stream.run(
    numbers(2000),
    functionSink(() => {}),
  );
  const count = telemetry.spans('sandtune.stream.batch').length;
  expect(count).toBeGreaterThan(10);
  expect(count).toBeLessThan(70);
});
