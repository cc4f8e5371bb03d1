import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { measured } from 'sandtune';
import { type DeadLetter, fileCheckpoints, fileSink, fileSource, functionSink, lines, pipeline } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { streamGuest } from '../../bench/stream/guest.ts';
import { openSandbox } from '../integration/sandbox/guests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { jobIn } from './job-support.ts';
import {
  bytes,
  executorOf,
  jitter,
  numbers,
  sinkOf,
  takeAll,
  textOf,
  textsOf,
  turns,
  WatchedSource,
} from './stream-support.ts';

describe('pipeline()', () => {
  it('has records in all of its stages at once', async () => {
    const inStage = new Map<number, string>();
    let most = 0;
    const stage = (index: number) => ({
      name: `s${index}`,
      maxConcurrency: 1,
      executor: executorOf(async (text) => {
        inStage.set(index, text);
        most = Math.max(most, inStage.size);
        await turn();
        await turn();
        inStage.delete(index);
        return text;
      }),
    });
    expect(await textsOf(pipeline([stage(0), stage(1), stage(2)]).process(numbers(30)))).toEqual(numbers(30));
    expect(most).toBe(3);
  });

  it('holds the stages before one that stands still, and the source, and says who was blocked and who starved', async () => {
    const held = Promise.withResolvers<void>();
    let called = 0;
    const stages = [
      { name: 'parse', executor: executorOf((text) => (called++, text)) },
      { name: 'enrich', executor: executorOf(async (text) => (await held.promise, text)) },
      { name: 'render', executor: executorOf((text) => text) },
    ];
    const source = new WatchedSource(numbers(5000));
    const clock = { now: () => nowMs, timeOrigin: 0 };
    let nowMs = 0;
    const stream = pipeline(stages, { maxConcurrency: 2, surroundings: { clock } });
    const running = stream.run(
      source,
      functionSink(() => {}),
    );
    await turns(300);
    nowMs = 1000;
    expect(called).toBeLessThan(100);
    expect(source.read).toBeLessThan(200);
    expect(stream.progress()).toMatchObject({
      slowest: 'enrich',
      stages: [
        { name: 'parse', callsInFlight: 0, lanes: 2 },
        { name: 'enrich', callsInFlight: 2, lanes: 2 },
        { name: 'render', callsInFlight: 0, waiting: 0 },
      ],
    });
    const shares = stream.progress().stages;
    expect(shares.map(({ blockedFraction }) => blockedFraction)).toEqual([1, 0, 0]);
    expect(shares.map(({ busyFraction }) => busyFraction)).toEqual([0, 1, 0]);
    expect(shares.map(({ starvedFraction }) => starvedFraction)).toEqual([0, 0, 1]);
    held.resolve();
    expect(await running).toMatchObject({ delivered: 5000, slowest: expect.any(String) });
  });

  it('calls every stage blocked while the sink is dead, and starved while the source gives nothing', async () => {
    const stages = ['a', 'b', 'c'].map((name) => ({ name, executor: executorOf((text) => text) }));
    let nowMs = 0;
    const clock = { now: () => nowMs, timeOrigin: 0 };
    const stream = pipeline(stages, { bufferRecords: 20, surroundings: { clock } });
    const dead = Promise.withResolvers<void>();
    const stopped = new AbortController();
    const running = stream.run(
      numbers(1000),
      sinkOf(() => dead.promise),
      { signal: stopped.signal },
    );
    await turns(200);
    nowMs += 1000;
    for (const stage of stream.progress().stages) expect(stage.blockedFraction).toBe(1);
    stopped.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    async function* slow() {
      yield 'a';
      await dead.promise;
    }
    const waiting = stream.process(slow());
    await waiting.next();
    await turns(200);
    nowMs += 1000;
    for (const stage of stream.progress().stages) expect(stage.starvedFraction).toBe(1);
    await waiting.return?.();
  });

  it('calls what failed again in the stage in which it failed, and counts its tries anew in each', async () => {
    const calls: string[] = [];
    const fragile = (name: string) => ({
      name,
      executor: executorOf((text) => {
        calls.push(name);
        if (calls.filter((one) => one === name).length < 3) throw new Error('not yet');
        return `${text}${name}`;
      }),
    });
    const stream = pipeline([fragile('a'), fragile('b')], { onFailed: { retries: 2, backoffMs: 0 } });
    expect(await textsOf(stream.process(['x']))).toEqual(['xab']);
    expect(calls).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  it('tells a record once, as it was read and with its stage, however many of its parts fail', async () => {
    const letters: DeadLetter[] = [];
    const stages = [
      {
        name: 'split',
        executor: measured({ name: 'split', run: (given: Uint8Array) => textOf(given).split(',').map(bytes) }),
      },
      {
        name: 'check',
        executor: executorOf((text) => {
          if (text.startsWith('x')) throw new Error(`no ${text}`);
          return text;
        }),
      },
    ];
    const stream = pipeline(stages, {
      framing: lines(),
      onFailed: 'dead-letter',
      deadLetters: (letter) => void letters.push(letter),
    });
    expect(await textsOf(stream.process(['a,b\nc,x1,x2,d\ne\n']))).toEqual(['a', 'b', 'e']);
    expect(letters.map(({ bytes: given, ...letter }) => ({ ...letter, text: textOf(given) }))).toEqual([
      { partition: '0', offset: 1, at: 4, text: 'c,x1,x2,d', attempts: 1, stage: 'check', error: expect.any(Error) },
    ]);
    expect(stream.progress()).toMatchObject({ inFlightBytes: 0, inFlightRecords: 0 });
  });

  it('fails with the stage in the message, and tells the source that it is left', async () => {
    const source = new WatchedSource(numbers(1000));
    const stages = [
      { name: 'fine', executor: executorOf((text) => text) },
      {
        name: 'broken',
        executor: executorOf((text) => {
          if (text === '7') throw new Error('bad');
          return text;
        }),
      },
    ];
    await expect(textsOf(pipeline(stages).process(source))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_RECORD_FAILED',
      message: 'partition 0, record 7, stage broken: expected a result, got an error after 1 try: bad',
    });
    expect(source.left).toBe(1);
  });

  it('tells the source once that its results were left early', async () => {
    const source = new WatchedSource(numbers(1000));
    const stages = [executorOf((text) => text), executorOf((text) => text)];
    for await (const { offset } of pipeline(stages, { bufferRecords: 10 }).process(source)) if (offset === 3) break;
    expect(source.left).toBe(1);
    expect(source.read).toBeLessThan(30);
  });

  it('goes on behind its last checkpoint, and its output is what it would have been', async () => {
    const folder = temporaryFolder();
    const { source, out } = jobIn(folder, numbers(800));
    const run = async (stopAt: number, seed: number) => {
      const wait = jitter(seed);
      const stopped = new AbortController();
      let called = 0;
      const stage = (name: string) => ({
        name,
        executor: executorOf(async (text) => {
          await wait();
          if (++called === stopAt) stopped.abort(new Error('stopped'));
          return `${text}${name}`;
        }),
      });
      const stream = pipeline([stage('a'), stage('b')], {
        framing: lines(),
        delivery: 'effectively-once',
        bufferRecords: 40,
        checkpointIntervalMs: 10,
      });
      const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
      const { signal } = stopped;
      try {
        await stream.run(fileSource(source, { pieceBytes: 1024 }), fileSink(out), { checkpoints, job: 'job', signal });
      } finally {
        await checkpoints.close();
      }
    };
    for (const stopAt of [150, 200, 250]) await expect(run(stopAt, stopAt)).rejects.toThrow('stopped');
    await run(-1, 1);
    expect(readFileSync(out, 'utf8')).toBe(
      numbers(800)
        .map((text) => `${text}ab\n`)
        .join(''),
    );
  });

  it('takes functions of guests, whose records lie in shared memory, beside others that get copies of their own', async () => {
    const binding = new URL('../../bench/stream/records-binding.ts', import.meta.url);
    const sandbox = await openSandbox({
      guests: { g: { module: await streamGuest(), binding, functions: ['same'] } },
      threads: 1,
    });
    const seen: boolean[] = [];
    const look = measured({
      name: 'look',
      run: (given: Uint8Array) => {
        seen.push(given.buffer instanceof SharedArrayBuffer);
        return [given, given];
      },
    });
    const same = sandbox.function('same');
    const stages = [{ executor: same, takes: 'shared' as const }, look, { executor: same, takes: 'shared' as const }];
    const got: string[] = [];
    const done = await pipeline(stages).run(numbers(300), sinkOf(takeAll(got)));
    expect(got).toEqual(numbers(300).flatMap((text) => [text, text]));
    expect(seen.some((isShared) => isShared)).toBe(false);
    expect(done.stages.map(({ name }) => name)).toEqual(['g.same', 'look', 'g.same-2']);
  });

  it('measures each stage by the record: wait, service and sojourn, and the sink and the whole', async () => {
    const stages = ['a', 'b'].map((name) => ({ name, executor: executorOf((text) => text) }));
    const done = await pipeline(stages).run(
      numbers(100),
      functionSink(() => {}),
    );
    for (const stage of done.stages)
      expect(stage).toMatchObject({ wait: { count: 100 }, service: { count: 100 }, sojourn: { count: 100 } });
    expect(done).toMatchObject({ sink: { count: 100 }, sojourn: { count: 100 } });
    const [a, b] = done.stages;
    expect(done.sojourn.sumMs).toBeGreaterThanOrEqual((a?.sojourn.sumMs ?? 0) + (b?.sojourn.sumMs ?? 0) - 1e-6);
  });

  it('names stages after what they run, one function that is two stages too', async () => {
    const same = measured({ name: 'same', run: (given: Uint8Array) => given });
    const done = await pipeline([same, same, { executor: same, name: 'last' }]).run(
      ['a'],
      functionSink(() => {}),
    );
    expect(done.stages.map(({ name }) => name)).toEqual(['same', 'same-2', 'last']);
  });

  it.each([
    ['no list', 'parse'],
    ['an empty list', []],
    ['a function that nobody wrapped', [(given: Uint8Array) => given]],
    ['a stage with an option there is not', [{ executor: executorOf((text) => text), lanes: 3 }]],
    ['batches of records that are called one by one', [{ executor: executorOf((text) => text), batchRecords: 3 }]],
    ['no lanes', [{ executor: executorOf((text) => text), maxConcurrency: 0 }]],
    ['one name twice', ['x', 'x'].map((name) => ({ executor: executorOf((text) => text), name }))],
  ])('refuses %s', (_, stages) => {
    expect(() => pipeline(stages as never)).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_OPTION' }));
  });
});
