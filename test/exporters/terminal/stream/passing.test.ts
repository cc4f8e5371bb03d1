import { PassThrough, Readable, Writable } from 'node:stream';
import { createStreamProcessor, iterableSource, lines } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { isClosedPipe, passingSink } from '../../../../exporters/terminal/stream/passing-sink.ts';
import { passingSource } from '../../../../exporters/terminal/stream/passing-source.ts';
import type { SourceIdentity } from '../../../../src/stream/index.ts';
import { executorOf, numbers, turns } from '../../../stream/stream-support.ts';

const signal = new AbortController().signal;
const readableOf = (pieces: readonly string[]) => () => Readable.from(pieces.map((piece) => Buffer.from(piece)));

/** What a start reads from `at` on, of pieces of which an earlier start has seen `identity`. */
async function readFrom(pieces: readonly string[], at: number, identity: SourceIdentity | null = null) {
  const source = passingSource('standard input', readableOf(pieces));
  const open = await source.open({ signal, ...(identity && { expected: [{ partition: '0', identity }] }) });
  const [partition] = open.partitions;
  let text = '';
  if (partition)
    for await (const piece of partition.read({ partition: '0', offset: 0, at }))
      for (const one of Array.isArray(piece) ? piece : [piece]) text += Buffer.from(one as Uint8Array).toString();
  await open.close();
  return { text, identity: partition?.identity ?? null };
}

describe('what can be read once, as a source', () => {
  it('gives all of it, and where a run goes on what is behind its position, wherever the pieces end', async () => {
    const { text, identity } = await readFrom(['one\ntw', 'o\n', 'three\n'], 0);
    expect(text).toBe('one\ntwo\nthree\n');
    expect(identity).toMatchObject({ kind: 'passing', prefixBytes: 6 });
    for (const at of [0, 3, 4, 6, 8, 14])
      expect((await readFrom(['on', 'e\n', 'two\nthree\n'], at, identity)).text).toBe(text.slice(at));
  });

  it('refuses another one, by how it begins, and one that is shorter than what was read', async () => {
    const { identity } = await readFrom(['one\ntwo\n'], 0);
    await expect(readFrom(['one\nTWO\n'], 4, identity)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_SOURCE',
      message: expect.stringMatching(/standard input: expected the same bytes as before/),
    });
    await expect(readFrom(['one\ntwo\n'], 20, identity)).rejects.toThrow(/expected at least the 20 bytes .* got 8/);
    await expect(readFrom(['one'], 0, identity)).rejects.toThrow(/expected the same bytes as before/);
  });

  it('an empty one is nothing, and may be longer the next time', async () => {
    const { text, identity } = await readFrom([], 0);
    expect({ text, bytes: identity?.prefixBytes }).toEqual({ text: '', bytes: 0 });
    expect((await readFrom(['more'], 0, identity)).text).toBe('more');
  });

  it('is ended with the run, though nothing comes', async () => {
    const endless = new PassThrough();
    const stop = new AbortController();
    const stream = createStreamProcessor(
      executorOf((text) => text),
      { framing: lines() },
    );
    const sink = passingSink('out', () => new PassThrough(), true);
    const running = stream.run(
      passingSource('in', () => endless),
      sink,
      { signal: stop.signal },
    );
    const reason = new Error('enough');
    await turns(20);
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(endless.destroyed).toBe(true);
  });
});

describe('what takes bytes and gives none back, as a sink', () => {
  const run = (writable: Writable, ends = true) =>
    createStreamProcessor(
      executorOf((text) => text),
      { framing: lines() },
    ).run(
      iterableSource(numbers(300), { gives: 'records' }),
      passingSink('out', () => writable, ends),
    );

  it('is given all of it, at its own pace, and is ended where it is the run’s', async () => {
    let text = '';
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _, done) {
        text += chunk.toString();
        setImmediate(done);
      },
    });
    await run(slow);
    expect(text).toBe(
      numbers(300)
        .map((one) => `${one}\n`)
        .join(''),
    );
    expect(slow.closed).toBe(true);
    const stays = new Writable({ write: (_, __, done) => done() });
    await run(stays, false);
    expect(stays.writableEnded).toBe(false);
  });

  it('one whose reader has gone ends the run with an error that is known as that', async () => {
    const gone = new Writable({ write: (_, __, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })) });
    const error = await run(gone).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_SANDTUNE_SINK' });
    expect(isClosedPipe(error)).toBe(true);
    expect(isClosedPipe(new Error('other'))).toBe(false);
  });
});
