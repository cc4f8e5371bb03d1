import { setImmediate as turn } from 'node:timers/promises';
import {
  type Ack,
  createStreamProcessor,
  functionSink,
  lines,
  type OutputRecord,
  type StreamOptions,
} from 'sandtune/stream';
import { describe, expect, it, vi } from 'vitest';
import { randomStream } from '../../src/foundation/random.ts';
import { bytes, executorOf, jitter, numbers, sinkOf, takeAll, textOf, turns, WatchedSource } from './stream-support.ts';

const same = (options: StreamOptions = {}) =>
  createStreamProcessor(
    executorOf((text) => text),
    options,
  );

/** Acknowledges nothing until it is told to, and then what it was given so far. */
function heldSink() {
  const waiting: (() => void)[] = [];
  const sink = sinkOf(async (records, ack) => {
    for (const record of records) waiting.push(() => ack(record));
  });
  return { sink, waiting, letGo: (count = waiting.length) => waiting.splice(0, count).forEach((one) => one()) };
}

describe('run()', () => {
  it('resolves with what it did once everything is acknowledged, and closes the sink', async () => {
    const got: string[] = [];
    const sink = sinkOf(takeAll(got));
    const summary = await same().run(numbers(100), sink);
    expect(got).toEqual(numbers(100));
    expect(summary).toMatchObject({ read: 100, delivered: 100, bytesOut: 190, resumedFrom: null });
    expect(sink.closed).toEqual([undefined]);
  });

  it('takes a function as its sink, which is given one list after the other', async () => {
    let inside = 0;
    const got: string[] = [];
    const sink = functionSink(async (records) => {
      expect(++inside).toBe(1);
      await turn();
      inside--;
      got.push(...records.map((record) => textOf(record.bytes)));
    });
    await same({ bufferRecords: 7 }).run(numbers(50), sink);
    expect(got).toEqual(numbers(50));
  });

  it('reads no more than the buffer holds while the sink is dead, in records', async () => {
    const source = new WatchedSource(numbers(10_000));
    const { sink, waiting, letGo } = heldSink();
    const running = same({ bufferRecords: 100 }).run(source, sink);
    await turns();
    expect(source.read).toBeLessThanOrEqual(101);
    expect(waiting.length).toBeLessThanOrEqual(100);
    const dripping = setInterval(() => letGo(), 0);
    const { peakRecords } = await running;
    clearInterval(dripping);
    expect(peakRecords).toBeLessThanOrEqual(100);
  });

  it('reads no more than the buffer holds while the sink is dead, in bytes', async () => {
    const source = new WatchedSource(Array(1000).fill('x'.repeat(1000)));
    const { sink, letGo } = heldSink();
    const running = same({ bufferBytes: 20_000 }).run(source, sink);
    await turns();
    expect(source.read).toBeLessThanOrEqual(21);
    const dripping = setInterval(() => letGo(), 0);
    const { peakBytes } = await running;
    clearInterval(dripping);
    expect(peakBytes).toBeLessThanOrEqual(20_000);
  });

  it('counts results as what is in flight, not the records they came from', async () => {
    const source = new WatchedSource(Array(1000).fill('x'));
    const { sink, letGo } = heldSink();
    const grow = createStreamProcessor(
      executorOf((text) => text.repeat(1000)),
      { bufferBytes: 20_000, maxConcurrency: 2 },
    );
    const running = grow.run(source, sink);
    await turns();
    expect(grow.progress().inFlightBytes).toBeGreaterThan(17_000);
    expect(source.read).toBeLessThan(60);
    const dripping = setInterval(() => letGo(), 0);
    await running;
    clearInterval(dripping);
  });

  it('is paused at the high watermark until the low one, and not at each record', async () => {
    const { sink, letGo } = heldSink();
    const stream = same({ bufferRecords: 100, highWatermark: 0.9, lowWatermark: 0.2 });
    const source = new WatchedSource(numbers(400));
    const running = stream.run(source, sink);
    await turns();
    expect(stream.progress()).toMatchObject({ isPaused: true, inFlightRecords: 90 });
    letGo(60);
    await turns();
    expect(stream.progress()).toMatchObject({ isPaused: true, inFlightRecords: 30 });
    letGo(10);
    await turns();
    expect(stream.progress()).toMatchObject({ isPaused: true, inFlightRecords: 90 });
    const dripping = setInterval(() => letGo(), 0);
    expect((await running).pauses).toBeLessThan(10);
    clearInterval(dripping);
  });

  it('acknowledges the records of a batch one by one: what is not acknowledged alone is in flight', async () => {
    const stream = same();
    const given: OutputRecord[] = [];
    let ack: Ack = () => {};
    const sink = sinkOf(async (records, acknowledge) => {
      given.push(...records);
      ack = acknowledge;
    });
    const running = stream.run(numbers(10), sink);
    await turns();
    for (const record of given) if (record.offset !== 4) ack(record);
    for (const record of given) if (record.offset !== 4) ack(record);
    expect(stream.progress()).toMatchObject({ inFlightRecords: 1, delivered: 9 });
    ack(given[4] as OutputRecord);
    expect(await running).toMatchObject({ delivered: 10 });
  });

  it.each(['drop-newest', 'drop-oldest'] as const)(
    'under %s drops what finds no room, never calls it, and counts it',
    async (backpressure) => {
      const called: string[] = [];
      const held = Promise.withResolvers<void>();
      const executor = executorOf(async (text) => {
        called.push(text);
        await held.promise;
        return text;
      });
      const stream = createStreamProcessor(executor, { backpressure, bufferRecords: 10, maxConcurrency: 2 });
      const got: string[] = [];
      const source = new WatchedSource(numbers(1000));
      const running = stream.run(source, sinkOf(takeAll(got)));
      await vi.waitFor(() => expect(source.read).toBe(1000));
      await turns();
      expect(called).toEqual(['0', '1']);
      held.resolve();
      const summary = await running;
      expect(summary.read).toBe(1000);
      expect(summary.dropped + summary.delivered).toBe(1000);
      expect(got).toEqual(called);
      expect(got.length).toBeLessThanOrEqual(10);
      // The oldest that waited were dropped for the newest, or the other way round.
      if (backpressure === 'drop-oldest') expect(got.at(-1)).toBe('999');
      else expect(got).toEqual(numbers(got.length));
    },
  );

  it('under sample delivers records whose weights add up to about as many as were read', async () => {
    const random = randomStream(5);
    let seen = 0;
    let weights = 0;
    const sink = sinkOf(async (records, ack) => {
      if (random() < 0.5) await turns(3);
      for (const record of records) {
        seen++;
        weights += record.weight;
        ack(record);
      }
    });
    const count = 50_000;
    const summary = await same({ backpressure: 'sample', bufferRecords: 200 }).run(numbers(count), sink);
    expect(summary.sampledOut).toBeGreaterThan(1000);
    expect(summary.sampledOut + summary.delivered).toBe(count);
    expect(seen).toBe(summary.delivered);
    expect(weights / count).toBeGreaterThan(0.8);
    expect(weights / count).toBeLessThan(1.25);
  });

  it('under sample leaves records out where calls are slow, as where the sink is', async () => {
    const slow = executorOf(async (text) => (await turns(2), text));
    const stream = createStreamProcessor(slow, { backpressure: 'sample', bufferRecords: 200, maxConcurrency: 2 });
    const count = 5000;
    const summary = await stream.run(numbers(count), sinkOf(takeAll([])));
    expect(summary.sampledOut).toBeGreaterThan(count / 2);
    expect(summary.sampledOut + summary.delivered).toBe(count);
  });

  it('under drop-oldest leaves out as many as make room for a large record, and none where that is not enough', async () => {
    const dead = new Promise<void>(() => {});
    const held = executorOf(async (text) => (text === '0' ? (await dead, text) : text));
    const stream = createStreamProcessor(held, {
      backpressure: 'drop-oldest',
      bufferBytes: 2 ** 20,
      maxConcurrency: 1,
    });
    const stopped = new AbortController();
    const small = Array.from({ length: 30_000 }, () => 'x'.repeat(30));
    const source = ['0', ...small, 'y'.repeat(2 ** 20), 'z'.repeat(2 ** 20 - 100)];
    const running = stream.run(source, sinkOf(takeAll([])), { signal: stopped.signal });
    while (stream.progress().read < source.length) await turns(1);
    // The first large one has no room beside the one that is called; the second has it beside that and three small ones.
    expect(stream.progress()).toMatchObject({ dropped: 1 + 29_997, inFlightRecords: 5, inFlightBytes: 2 ** 20 - 9 });
    stopped.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('reads several partitions, each in its order', async () => {
    const wait = jitter(3);
    const executor = executorOf(async (text) => {
      await wait();
      return text;
    });
    const partition = (name: string) => ({
      partition: name,
      identity: null,
      gives: 'bytes' as const,
      canSeek: false,
      async *read() {
        yield bytes(
          numbers(50)
            .map((one) => `${name}${one}\n`)
            .join(''),
        );
      },
    });
    const close = vi.fn(async () => {});
    const source = { name: 'two', open: async () => ({ partitions: [partition('a'), partition('b')], close }) };
    const got: string[] = [];
    await createStreamProcessor(executor, { framing: lines(), bufferRecords: 20 }).run(source, sinkOf(takeAll(got)));
    for (const name of ['a', 'b'])
      expect(got.filter((one) => one[0] === name)).toEqual(numbers(50).map((one) => name + one));
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('run() under adaptive', () => {
  it('delivers everything in order, within the bounds', async () => {
    const got: string[] = [];
    const stream = same({ backpressure: 'adaptive', bufferRecords: 200, maxConcurrency: 8 });
    const summary = await stream.run(numbers(5000), sinkOf(takeAll(got)));
    expect(got).toEqual(numbers(5000));
    expect(summary.peakRecords).toBeLessThanOrEqual(200);
  });
});
