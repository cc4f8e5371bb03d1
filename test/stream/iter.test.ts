import { execFile } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createStreamProcessor, lengthPrefixed, lines } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { bytes, executorOf, numbers, textOf, WatchedSource } from './stream-support.ts';

async function listsOf(batches: AsyncIterable<readonly Uint8Array[]>): Promise<string[][]> {
  const all: string[][] = [];
  for await (const list of batches) all.push(list.map(textOf));
  return all;
}

describe('lists of bytes, as node:stream/iter has them', () => {
  it('without a framing each member is a result, and none is missing or twice', async () => {
    const stream = createStreamProcessor(executorOf((text) => text));
    const lists = await listsOf(stream.batches([numbers(2000).map(bytes), ['', 'end'].map(bytes)]));
    expect(lists.flat()).toEqual([...numbers(2000), '', 'end']);
    expect(lists.length).toBeLessThan(2000);
  });

  it('with a framing they are the bytes that a file would have', async () => {
    const stream = createStreamProcessor(
      executorOf((text) => text),
      { framing: lengthPrefixed({ prefixBytes: 1 }) },
    );
    const given = Buffer.from('\x01a\x00\x02bc', 'latin1');
    const lists = await listsOf(stream.batches([given]));
    expect(lists.flat().join('')).toBe(given.toString());
  });

  it('a list is acknowledged when the next one is asked for, so that a slow reader holds the source up', async () => {
    const source = new WatchedSource(numbers(1000));
    const stream = createStreamProcessor(
      executorOf((text) => text),
      { bufferRecords: 16 },
    );
    const batches = stream.batches(source);
    await batches.next();
    for (let i = 0; i < 50; i++) await turn();
    expect(source.read).toBeLessThanOrEqual(17);
    await batches.return?.();
    expect(source.left).toBe(1);
    expect(stream.progress()).toMatchObject({ inFlightRecords: 0, callsInFlight: 0 });
  });

  it('a signal ends it with its reason, once, and leaves the source', async () => {
    const source = new WatchedSource(numbers(1000));
    const stop = new AbortController();
    const stream = createStreamProcessor(executorOf((text) => text));
    const batches = stream.batches(source, { signal: stop.signal });
    await batches.next();
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(batches.next()).rejects.toBe(reason);
    expect(await batches.next()).toEqual({ done: true, value: undefined });
    expect(source.left).toBe(1);
  });

  it('results that are asked for several times at once come in order, and each once', async () => {
    const stream = createStreamProcessor(executorOf((text) => text));
    const results = stream.process(numbers(3));
    const asked = await Promise.all([results.next(), results.next(), results.next(), results.next()]);
    expect(asked.map(({ value }) => value && textOf(value.bytes))).toEqual(['0', '1', '2', undefined]);
  });

  it('who waits for a result when the rest is left gets none, and no error', async () => {
    const stream = createStreamProcessor(executorOf(() => new Promise(() => {})));
    const results = stream.process(['a']);
    const waiting = results.next();
    await turn();
    await results.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('strict is taken for block, and unbounded is refused with the reason', () => {
    const executor = executorOf((text) => text);
    expect(createStreamProcessor(executor, { backpressure: 'strict' }).name).toBe(`${executor.name}-stream`);
    expect(() => createStreamProcessor(executor, { backpressure: 'unbounded' as 'strict' })).toThrow(
      /backpressure: expected a bound, since memory is bounded always/,
    );
    expect(() =>
      createStreamProcessor(executor, { framing: lines(), delivery: 'effectively-once' }).batches([]),
    ).toThrow(/for batches\(\), which has no checkpoints/);
  });

  it.skipIf(Number(process.versions.node.split('.')[0]) < 26)(
    'works with that module itself, as source and as transform',
    async () => {
      const child = fileURLToPath(new URL('./iter-child.ts', import.meta.url));
      const args = ['--conditions=sandtune-source', '--experimental-stream-iter', '--no-warnings', child];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      expect(JSON.parse(stdout)).toEqual({
        given: 'ONE\nTWO\nTHREE\n',
        transformed: 'A\nB\n',
        pushed: 101,
        piped: 'P\nQ\n',
        left: 1,
        aborted: 'enough',
        leftByAbort: 2,
      });
    },
  );
});
