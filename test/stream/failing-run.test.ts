import { setImmediate as turn } from 'node:timers/promises';
import { SandtuneError, wrap } from 'sandtune';
import { createStreamProcessor, functionSink, type OutputRecord, type StreamOptions } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { executorOf, jitter, numbers, sinkOf, takeAll, turns, WatchedSource } from './stream-support.ts';

const same = (options: StreamOptions = {}) =>
  createStreamProcessor(
    executorOf((text) => text),
    options,
  );

describe('run() where something fails', () => {
  it('fails with what the sink throws or tells of one record, once, and closes everything', async () => {
    for (const sink of [
      sinkOf(async () => {
        throw new Error('full');
      }),
      sinkOf(async ([record], ack) => ack(record as OutputRecord, new Error('full'))),
    ]) {
      const source = new WatchedSource(numbers(10_000));
      await expect(same({ bufferRecords: 10 }).run(source, sink)).rejects.toThrow('full');
      expect(source.left).toBe(1);
      expect(sink.closed).toMatchObject([{ message: 'full' }]);
    }
  });

  it('ends with the reason of its signal while the source, a call or the sink never comes back', async () => {
    const never = new Promise<never>(() => {});
    const source = { [Symbol.asyncIterator]: () => ({ next: () => never }) };
    const started = [
      (signal: AbortSignal) =>
        same().run(
          source,
          functionSink(() => {}),
          { signal },
        ),
      (signal: AbortSignal) =>
        createStreamProcessor(executorOf(() => never)).run(
          ['a'],
          functionSink(() => {}),
          { signal },
        ),
      (signal: AbortSignal) =>
        same().run(
          ['a'],
          functionSink(() => never),
          { signal },
        ),
      (signal: AbortSignal) =>
        same().run(
          ['a'],
          sinkOf(async () => {}),
          { signal },
        ),
    ];
    for (const start of started) {
      const controller = new AbortController();
      const running = start(controller.signal);
      await turns(5);
      controller.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
    }
    await expect(
      same().run(
        ['a'],
        functionSink(() => {}),
        { signal: AbortSignal.abort(new Error('before')) },
      ),
    ).rejects.toThrow('before');
  });

  it('tries a record again as often as it may, and then does with it what is said', async () => {
    const tries: string[] = [];
    const executor = executorOf((text) => {
      tries.push(text);
      if (text === '1') throw new Error('no');
      return text;
    });
    const onFailed = { retries: 2, backoffMs: 0, then: 'skip' } as const;
    const got: string[] = [];
    const summary = await createStreamProcessor(executor, { onFailed }).run(numbers(3), sinkOf(takeAll(got)));
    expect(got).toEqual(['0', '2']);
    expect(tries.filter((text) => text === '1')).toHaveLength(3);
    expect(summary).toMatchObject({ retries: 2, skipped: 1, delivered: 2 });
  });

  it('fails where a dead letter cannot be put', async () => {
    const stream = createStreamProcessor(
      executorOf(() => {
        throw new Error('bad');
      }),
      {
        onFailed: 'dead-letter',
        deadLetters: async () => {
          throw new Error('no room');
        },
      },
    );
    await expect(
      stream.run(
        ['a'],
        functionSink(() => {}),
      ),
    ).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SINK',
      message: 'deadLetters: expected to take record 0 of partition 0, got: no room',
    });
  });

  it('waits with calls that a full queue sheds, and loses none', async () => {
    const wait = jitter(1);
    const executor = wrap(
      async (given: Uint8Array) => {
        await wait();
        return given;
      },
      { name: 'small', concurrency: 1, maxQueue: 1 },
    );
    const got: string[] = [];
    await createStreamProcessor(executor, { maxConcurrency: 16 }).run(numbers(40), sinkOf(takeAll(got)));
    expect(got).toEqual(numbers(40));
  });

  it('asks an executor that refuses calls for no more than it takes, also where another stream fills its queue', async () => {
    const wait = jitter(2);
    const executor = wrap(async (given: Uint8Array) => (await wait(), given), {
      name: 'shared',
      concurrency: 2,
      maxQueue: 2,
    });
    const run = (name: string) =>
      createStreamProcessor(executor, { name, maxConcurrency: 16 }).run(
        numbers(300),
        functionSink(() => {}),
      );
    await Promise.all([run('one'), run('other')]);
    const { ok, shed } = executor.totals().outcomes;
    expect(ok).toBe(600);
    expect(shed).toBeLessThan(ok);
  });

  it('has as many calls as it may again soon after others have left the executor, also where calls fail', async () => {
    let [inFlight, most, calls] = [0, 0, 0];
    const executor = executorOf(async () => {
      // Others fill it for the first calls.
      if (++calls <= 100 && inFlight > 0)
        throw new SandtuneError('ERR_SANDTUNE_QUEUE_FULL', 'full', { outcome: 'shed' });
      most = Math.max(most, ++inFlight);
      await turn();
      inFlight--;
      throw new Error('no');
    });
    const stream = createStreamProcessor(executor, { maxConcurrency: 32, onFailed: 'skip' });
    await stream.run(
      numbers(400),
      functionSink(() => {}),
    );
    expect(most).toBe(32);
  });

  it('ends where its executor is closed meanwhile', async () => {
    const executor = executorOf((text) => text);
    const running = createStreamProcessor(executor, { bufferRecords: 4 }).run(
      numbers(1000),
      functionSink(async () => executor.close()),
    );
    await expect(running).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
  });
});
