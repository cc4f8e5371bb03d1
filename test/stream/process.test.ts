import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { measured } from 'sandtune';
import {
  createStreamProcessor,
  functionSink,
  iterableSource,
  lines,
  type RecordBatch,
  type StreamOptions,
  type StreamRecord,
} from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { bytes, executorOf, jitter, numbers, textOf, textsOf, WatchedSource } from './stream-support.ts';

describe('process()', () => {
  it('gives the result of each line in order, wherever the pieces of the source end', async () => {
    const stream = createStreamProcessor(
      executorOf((text) => text.toUpperCase()),
      { framing: lines() },
    );
    const source = Readable.from([Buffer.from('on'), Buffer.from('e\ntwo\nth'), Buffer.from('ree')]);
    expect(await textsOf(stream.process(source))).toEqual(['ONE', 'TWO', 'THREE']);
  });

  it.each([
    ['a web stream', ReadableStream.from([bytes('a'), bytes('b')])],
    ['a list', [bytes('a'), 'b']],
    ['lists of bytes, as node:stream/iter gives them', [[bytes('a'), bytes('b')]]],
    ['a function of a new one each time', iterableSource(() => ['a', 'b'], { gives: 'records' })],
  ])('takes %s', async (_, source) => {
    expect(await textsOf(createStreamProcessor(executorOf((text) => text)).process(source))).toEqual(['a', 'b']);
  });

  it('keeps the order of the partition however the calls end, and with retries among them', async () => {
    const property = fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 40 }), async (seed, bufferRecords) => {
      const wait = jitter(seed);
      const failed = new Set<string>();
      const executor = executorOf(async (text) => {
        await wait();
        if (Number(text) % 7 === 3 && !failed.has(text)) {
          failed.add(text);
          throw new Error('once');
        }
        return text;
      });
      const stream = createStreamProcessor(executor, {
        bufferRecords,
        maxConcurrency: 8,
        onFailed: { retries: 1, backoffMs: 0 },
      });
      expect(await textsOf(stream.process(numbers(60)))).toEqual(numbers(60));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('keeps the order of each key, and lets one key not wait for another', async () => {
    const held = Promise.withResolvers<void>();
    const executor = executorOf(async (text) => {
      if (text === 'a1') await held.promise;
      return text;
    });
    const stream = createStreamProcessor(executor, {
      ordering: 'key',
      keyOf: (record) => textOf(record.bytes)[0] as string,
      maxConcurrency: 8,
    });
    const got: string[] = [];
    for await (const { bytes: result } of stream.process(['a1', 'b1', 'a2', 'b2'])) {
      got.push(textOf(result));
      if (got.length === 2) held.resolve();
    }
    expect(got).toEqual(['b1', 'b2', 'a1', 'a2']);
  });

  it('a record without a key has failed as onFailed says, and a promise is none', async () => {
    const keyed = (keyOf: StreamOptions['keyOf'], onFailed: StreamOptions['onFailed']) =>
      createStreamProcessor(
        executorOf((text) => text),
        { ordering: 'key', ...(keyOf && { keyOf }), ...(onFailed && { onFailed }) },
      );
    const some = (record: StreamRecord) => {
      if (textOf(record.bytes) === '1') throw new Error('no such field');
      return 'k';
    };
    expect(await textsOf(keyed(some, 'skip').process(numbers(4)))).toEqual(['0', '2', '3']);
    await expect(textsOf(keyed(some, 'fail').process(numbers(4)))).rejects.toThrow(/record 1: .*no such field/);
    const promised = keyed((async () => 'k') as never, 'fail');
    await expect(textsOf(promised.process(numbers(4)))).rejects.toThrow(/keyOf: expected a text or a number/);
  });

  it('gives results as they come where there is no order', async () => {
    const held = Promise.withResolvers<void>();
    const executor = executorOf(async (text) => {
      if (text === '0') await held.promise;
      if (text === '2') held.resolve();
      return text;
    });
    const results = await textsOf(createStreamProcessor(executor, { ordering: 'none' }).process(numbers(4)));
    expect(results.indexOf('0')).toBeGreaterThan(0);
    expect(results.toSorted()).toEqual(numbers(4));
  });

  it('leaves out records without a result, and gives all of several', async () => {
    const executor = measured({
      name: 'split',
      run: (given: Uint8Array) => (given.length === 0 ? null : textOf(given).split(',').map(bytes)),
    });
    expect(await textsOf(createStreamProcessor(executor).process(['a,b', '', 'c']))).toEqual(['a', 'b', 'c']);
  });

  it('calls a function of batches with many records, and with those that wait after lingerMs', async () => {
    const sizes: number[] = [];
    const executor = measured({
      name: 'batches',
      run: async ({ bytes: all, ends }: RecordBatch) => {
        sizes.push(ends.length);
        await turn();
        return { bytes: all.map((byte) => byte + 1), ends };
      },
    });
    const stream = createStreamProcessor(executor, { takes: 'batch', batchRecords: 32, framing: lines() });
    const results = await textsOf(stream.process([`${'a\n'.repeat(100)}`, bytes('b')]));
    expect(results).toEqual([...Array(100).fill('b'), 'c']);
    expect(Math.max(...sizes)).toBe(32);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(101);
  });

  it('tells of a batch only the record that fails, and calls the others again without it', async () => {
    const executor = measured({
      name: 'fragile',
      run: ({ bytes: all, ends }: RecordBatch) => {
        if (textOf(all).includes('x')) throw new Error('trap');
        return { bytes: all, ends };
      },
    });
    const letters: string[] = [];
    const stream = createStreamProcessor(executor, {
      takes: 'batch',
      onFailed: 'dead-letter',
      deadLetters: ({ offset, error, bytes: given }) => {
        letters.push(`${offset} ${textOf(given)} ${(error as Error).message}`);
      },
    });
    const records = [...numbers(30), 'x', ...numbers(30)];
    expect(await textsOf(stream.process([records.map(bytes)]))).toEqual([...numbers(30), ...numbers(30)]);
    expect(letters).toEqual(['30 x trap']);
  });

  it('takes from a function of batches which of them failed and which have no result', async () => {
    const executor = measured({
      name: 'partial',
      run: ({ bytes: all, ends }: RecordBatch) => ({
        bytes: all,
        ends,
        failed: [{ index: 1, message: 'no' }],
        without: [2],
      }),
    });
    const stream = createStreamProcessor(executor, { takes: 'batch', onFailed: 'skip' });
    expect(await textsOf(stream.process([['a', 'b', 'c', 'd'].map(bytes)]))).toEqual(['a', 'd']);
  });

  it.each([
    ['nothing', undefined],
    ['too few', { bytes: bytes('ab'), ends: Uint32Array.of(1) }],
    ['ends beyond the bytes', { bytes: bytes('ab'), ends: Uint32Array.of(1, 3) }],
    ['ends that fall', { bytes: bytes('ab'), ends: Uint32Array.of(2, 1) }],
  ])('fails where a function of batches returns %s', async (_, result) => {
    const executor = measured({ name: 'odd', run: () => result });
    const stream = createStreamProcessor(executor, { takes: 'batch' });
    await expect(textsOf(stream.process([['a', 'b'].map(bytes)]))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_RECORD_FAILED',
    });
  });

  it('reads nothing before the first result is asked for, and tells the source when it is left early', async () => {
    const source = new WatchedSource(numbers(1000));
    const stream = createStreamProcessor(
      executorOf((text) => text),
      { bufferRecords: 10 },
    );
    const results = stream.process(source);
    await turn();
    expect(source.read).toBe(0);
    for await (const { offset } of results) if (offset === 3) break;
    expect(source.left).toBe(1);
    expect(source.read).toBeLessThan(30);
    expect(stream.progress()).toMatchObject({ inFlightRecords: 0, callsInFlight: 0 });
  });

  it('holds credits until the result is done with, so that a slow consumer holds the source up', async () => {
    const source = new WatchedSource(numbers(1000));
    const stream = createStreamProcessor(
      executorOf((text) => text),
      { bufferRecords: 16 },
    );
    const results = stream.process(source);
    for (let i = 0; i < 5; i++) await results.next();
    for (let i = 0; i < 50; i++) await turn();
    // Five were given, of which four are acknowledged; one more is read and waits for credits.
    expect(source.read).toBeLessThanOrEqual(4 + 16 + 1);
    await results.return?.();
  });

  it('throws once what a call failed with, with its record, and leaves the source', async () => {
    const source = new WatchedSource(numbers(100));
    const executor = executorOf((text) => {
      if (text === '7') throw new Error('bad');
      return text;
    });
    const results = createStreamProcessor(executor).process(source);
    await expect(textsOf(results)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_RECORD_FAILED',
      message: 'partition 0, record 7: expected a result, got an error after 1 try: bad',
      cause: { message: 'bad' },
    });
    expect(source.left).toBe(1);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('throws what the source throws, after the results before it were given or not, and ends', async () => {
    async function* source() {
      yield 'a';
      throw new Error('gone');
    }
    await expect(textsOf(createStreamProcessor(executorOf((text) => text)).process(source()))).rejects.toThrow('gone');
  });

  it('tells a record that is too long, in or out, by its position', async () => {
    const stream = (onFailed: 'fail' | 'skip') =>
      createStreamProcessor(
        executorOf((text) => text.repeat(3)),
        { maxRecordBytes: 8, framing: lines(), onFailed },
      );
    await expect(textsOf(stream('fail').process(['a\n', 'a'.repeat(9)]))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_RECORD_FAILED',
      cause: { code: 'ERR_SANDTUNE_RECORD_TOO_LARGE' },
    });
    const source = ['ab\n', `${'a'.repeat(9)}\n`, 'abcd\n', 'c'];
    expect(await textsOf(stream('skip').process(source))).toEqual(['ababab', 'ccc']);
  });

  it('gives nothing for an empty stream, and a million empty records as they are', async () => {
    const executor = measured({ name: 'same', run: (given: RecordBatch) => given });
    const stream = createStreamProcessor(executor, { takes: 'batch', batchRecords: 4096, framing: lines() });
    expect(await textsOf(stream.process([]))).toEqual([]);
    let count = 0;
    const sink = functionSink((results) => {
      count += results.filter(({ bytes: result }) => result.length === 0).length;
    });
    await stream.run(Array(16).fill(new Uint8Array(62_500).fill(10)), sink);
    expect(count).toBe(1_000_000);
  });

  it('stands between web streams', async () => {
    const stream = createStreamProcessor(
      executorOf((text) => text.toUpperCase()),
      { framing: lines() },
    );
    const source = ReadableStream.from([bytes('a\nb'), bytes('c\n')]);
    const all: Uint8Array[] = [];
    for await (const piece of source.pipeThrough(stream.asTransformStream())) all.push(piece);
    expect(textOf(Buffer.concat(all))).toBe('A\nBC\n');
  });

  it('between web streams tells the source when its readable end is cancelled', async () => {
    const source = new WatchedSource(numbers(100_000));
    const stream = createStreamProcessor(
      executorOf((text) => text),
      { bufferRecords: 10 },
    );
    const readable = ReadableStream.from(source).pipeThrough(stream.asTransformStream());
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel();
    for (let i = 0; i < 20; i++) await turn();
    expect(source.left).toBe(1);
  });
});
