import { setImmediate as turn } from 'node:timers/promises';
import { measured } from 'sandtune';
import { createStreamProcessor, functionSink, pipeline, type RecordBatch } from 'sandtune/stream';
import { tune } from 'sandtune/tuner';
import { describe, expect, it } from 'vitest';
import { executorOf, numbers, sinkOf, textsOf, turns } from './stream-support.ts';

const nowhere = () => functionSink(() => {});
const same = () => executorOf((text) => text);
const knobOf = ({ knobs }: { readonly knobs: readonly { readonly id: string }[] }, id: string) =>
  knobs.find((knob) => knob.id === id) as ReturnType<typeof createStreamProcessor>['knobs'][number];

/** Gives records for ever, a few in each turn. */
async function* endless() {
  for (let i = 0; ; i++) {
    if (i % 20 === 0) await turn();
    yield String(i);
  }
}

describe('a processor as an executor', () => {
  it('has its bounds as knobs, which stand at what its options say', () => {
    const batches = measured({ name: 'batches', run: (given: RecordBatch) => given });
    const stream = createStreamProcessor(batches, { takes: 'batch', batchRecords: 100, maxConcurrency: 3 });
    expect(Object.fromEntries(stream.knobs.map((knob) => [knob.id, knob.read().effective]))).toEqual({
      maxConcurrency: 3,
      batchRecords: 100,
      bufferBytes: 64 * 2 ** 20,
      bufferRecords: 65_536,
      lowWatermark: 0.45,
      highWatermark: 0.9,
    });
    expect(knobOf(stream, 'batchRecords').patch(7).after).toBe('batchRecords: 7,');
    const stages = pipeline([same(), { name: 'b', executor: batches, takes: 'batch' }], { name: 'two' });
    expect(stages.knobs.map(({ id }) => id).filter((id) => id.startsWith('b.'))).toEqual([
      'b.maxConcurrency',
      'b.batchRecords',
    ]);
  });

  it('its windows count records: offered is what was settled and what is in flight, with a time for each', async () => {
    const stream = createStreamProcessor(same(), { onFailed: 'skip', maxRecordBytes: 3 });
    using window = stream.openWindow();
    await stream.run([...numbers(500), 'too long', 'x'], nowhere());
    expect(window.cut()).toMatchObject({
      offered: 502,
      outcomes: { ok: 501, trap: 1 },
      backlogAtEnd: 0,
      latency: { count: 501 },
      wait: { count: 501 },
      service: { count: 501 },
      work: { batchedCalls: 501 },
    });
    expect(stream.totals()).toMatchObject({ offered: 502, inFlight: 0 });
    expect(window.cut()).toMatchObject({ offered: 0, latency: { count: 0 }, stages: {} });
  });

  it('its windows have its sources in flight, and no record that was called under settings before', async () => {
    const held = Promise.withResolvers<void>();
    const enough = Promise.withResolvers<void>();
    const stream = createStreamProcessor(
      executorOf(async (text) => (await held.promise, text)),
      { maxConcurrency: 2 },
    );
    async function* source() {
      yield* numbers(10);
      await enough.promise;
    }
    using window = stream.openWindow();
    const running = stream.run(source(), nowhere());
    while (stream.progress().callsInFlight < 2) await turn();
    expect(window.cut()).toMatchObject({ offered: 1, backlogAtStart: 0, backlogAtEnd: 1, outcomes: { ok: 0 } });
    await knobOf(stream, 'maxConcurrency').apply(3);
    held.resolve();
    while (stream.progress().delivered < 10) await turn();
    const { outcomes, latency, ...counts } = window.cut();
    expect(counts).toMatchObject({ backlogAtStart: 1, backlogAtEnd: 1, offered: outcomes.ok, epoch: 1 });
    expect(latency.count).toBe(outcomes.ok);
    expect(outcomes.ok).toBeLessThan(10);
    expect(stream.totals()).toMatchObject({ offered: 10, inFlight: 0, outcomes: { ok: 10 } });
    enough.resolve();
    await running;
  });

  it('counts what was dropped as shed, and what was in flight as its run was stopped as cancelled', async () => {
    const stream = createStreamProcessor(same(), { backpressure: 'drop-newest', bufferRecords: 10 });
    const stopped = new AbortController();
    const dead = new Promise<void>(() => {});
    const running = stream.run(
      [numbers(100)].flat(),
      sinkOf(() => dead),
      { signal: stopped.signal },
    );
    while (stream.progress().read < 100) await turn();
    stopped.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    const { offered, outcomes, inFlight } = stream.totals();
    expect(inFlight).toBe(0);
    expect(outcomes.shed).toBe(90);
    expect(outcomes.cancelled).toBe(10);
    expect(offered).toBe(100);
  });

  it('its windows say how long a record was in each stage and in the sink, each window for itself', async () => {
    const stream = pipeline([
      { name: 'parse', executor: same() },
      { name: 'render', executor: executorOf(async (text) => (await turns(3), text)) },
    ]);
    using window = stream.openWindow();
    await stream.run(numbers(50), nowhere());
    const { stages, stageSamples } = window.cut();
    expect(Object.keys(stages)).toEqual(['parse', 'render', 'sink']);
    expect(stageSamples).toBe(50);
    await stream.run(numbers(20), nowhere());
    expect(window.cut().stageSamples).toBe(20);
  });

  it('a knob moves runs that are under way, in a new epoch', async () => {
    let most = 0;
    let now = 0;
    const slow = executorOf(async (text) => {
      most = Math.max(most, ++now);
      await turn();
      now--;
      return text;
    });
    const stream = createStreamProcessor(slow, { maxConcurrency: 2 });
    const results = stream.process(endless());
    const take = async (count: number) => {
      for (let i = 0; i < count; i++) await results.next();
    };
    using window = stream.openWindow();
    await take(50);
    expect(most).toBe(2);
    await knobOf(stream, 'maxConcurrency').apply(7);
    await take(200);
    expect(most).toBe(7);
    expect(window.cut()).toMatchObject({ steady: false, epoch: 1, settings: { maxConcurrency: 7 } });
    await knobOf(stream, 'maxConcurrency').apply(1);
    await take(100);
    most = 0;
    await take(50);
    expect(most).toBe(1);
    await knobOf(stream, 'bufferRecords').apply(5);
    await take(100);
    expect(stream.progress().inFlightRecords).toBeLessThanOrEqual(5);
    await results.return?.();
  });

  it('what the controller moves inside the bounds opens no epoch', async () => {
    const stream = createStreamProcessor(same(), { backpressure: 'adaptive', maxConcurrency: 50 });
    using window = stream.openWindow();
    const { stages } = await stream.run(numbers(2000), nowhere());
    expect(stages[0]?.lanes.max).toBeLessThanOrEqual(50);
    expect(window.cut()).toMatchObject({ epoch: 0, steady: true, settings: { maxConcurrency: 50 } });
  });

  it.each([{}, { highWatermark: 0.3 }, { lowWatermark: 0.7 }, { lowWatermark: 0.9 }])(
    'its watermarks move on their sides of one value, so that the low one is never above the other (%o)',
    async (options) => {
      const stream = createStreamProcessor(same(), options);
      const [low, high] = ['lowWatermark', 'highWatermark'].map((id) => knobOf(stream, id));
      const ends = ({ domain }: { readonly domain: unknown }) =>
        domain as { readonly min: number; readonly max: number };
      expect(ends(low as never).max).toBeLessThanOrEqual(ends(high as never).min);
      for (const knob of [low, high])
        for (const value of [ends(knob as never).min, ends(knob as never).max]) {
          await knob?.apply(value);
          expect(knob?.read()).toEqual({ requested: value, effective: value });
        }
    },
  );

  it('refuses a watermark above the whole buffer', async () => {
    const stream = createStreamProcessor(same());
    await expect(knobOf(stream, 'highWatermark').apply(2)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
  });

  it('is tuned while it runs', async () => {
    const stream = createStreamProcessor(same(), { name: 'tuned' });
    const tuner = tune(stream, { mode: 'observe', stateDir: ':memory:' });
    await stream.run(numbers(200), nowhere());
    expect(() => tune(stream, { stateDir: ':memory:' })).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_TUNED' }),
    );
    await tuner.stop();
  });

  it('close() waits for what is under way, and refuses what comes after', async () => {
    const stream = createStreamProcessor(same());
    const running = stream.run({ source: numbers(300), sink: nowhere() });
    const closed = stream.close();
    expect(await running).toMatchObject({ delivered: 300 });
    await closed;
    await expect(stream.run(['a'], nowhere())).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    await expect(textsOf(stream.process(['a']))).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
  });

  it('close() within a time stops what never ends', async () => {
    const stream = createStreamProcessor(same());
    const running = stream.run(endless(), nowhere());
    const refused = expect(running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    await turns();
    await stream.close({ withinMs: 0 });
    await refused;
    expect(stream.totals().inFlight).toBe(0);
  });

  it('is drained while a run lasts, wherever the run is not paused', async () => {
    const stop = new AbortController();
    const stream = createStreamProcessor(same());
    const running = stream.run(endless(), nowhere(), { signal: stop.signal });
    await turn();
    await stream.drained();
    expect(stream.needsDrain).toBe(false);
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');

    const held = Promise.withResolvers<void>();
    const slow = createStreamProcessor(
      executorOf(async (text) => (await held.promise, text)),
      { bufferRecords: 10 },
    );
    const all = slow.run(numbers(50), nowhere());
    while (!slow.needsDrain) await turn();
    let isDrained = false;
    const drained = slow.drained().then(() => (isDrained = true));
    await turns(20);
    expect(isDrained).toBe(false);
    held.resolve();
    await drained;
    await all;
  });
});
