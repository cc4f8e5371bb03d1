import { setTimeout as sleep } from 'node:timers/promises';
import { measured } from 'sandtune';
import { createStreamProcessor, pipeline, type SharedBatch } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { callRecords } from '../../src/stream/call-records.ts';
import { BlockPool } from '../../src/stream/shared-blocks.ts';
import { bytes, textOf } from './stream-support.ts';

describe('blocks of shared memory', () => {
  const { signal: run } = new AbortController();

  it('are used again once all who hold them have let them go, and not before', () => {
    const pool = new BlockPool(2 ** 20);
    const block = pool.take(100_000, run);
    expect(block.memory.length).toBe(131_072);
    block.hold();
    block.letGo();
    expect(pool.take(100_000, run)).not.toBe(block);
    block.letGo();
    expect(pool.take(131_072, run)).toBe(block);
    expect(pool.take(100_000, run)).not.toBe(block);
  });

  it('that are never let go, or are lost, are never used again, and of idle ones so many bytes are kept', () => {
    const pool = new BlockPool(16 * 65_536);
    const taken = Array.from({ length: 40 }, () => pool.take(1, run));
    expect(new Set(taken).size).toBe(40);
    const [held, lost, ...rest] = taken;
    lost?.lose();
    lost?.letGo();
    for (const block of rest) block.letGo();
    const again = Array.from({ length: 40 }, () => pool.take(1, run));
    expect(again).not.toContain(held);
    expect(again).not.toContain(lost);
    expect(again.filter((block) => taken.includes(block)).length).toBe(15);
  });

  it('that are idle go where one of another size would be too much', () => {
    const pool = new BlockPool(2 ** 20);
    const small = Array.from({ length: 8 }, () => pool.take(1, run));
    for (const block of small) block.letGo();
    pool.take(8 * 65_536, run);
    expect(pool.take(1, run)).toBe(small.at(-1));
    pool.take(4 * 65_536, run);
    const again = Array.from({ length: 8 }, () => pool.take(1, run));
    expect(again.filter((block) => small.includes(block)).length).toBe(3);
  });

  it('that a run holds at its end are lost, once whoever says so, and make room for those of others', () => {
    const pool = new BlockPool(4 * 65_536);
    const ending = new AbortController();
    const held = Array.from({ length: 4 }, () => pool.take(1, ending.signal));
    const idle = pool.take(1, ending.signal);
    idle.letGo();
    ending.abort();
    for (const block of held.slice(0, 2)) block.lose();
    for (const block of held) block.letGo();
    const others = Array.from({ length: 5 }, () => pool.take(1, run));
    for (const block of others) block.letGo();
    const again = Array.from({ length: 5 }, () => pool.take(1, run));
    expect(again.filter((block) => others.includes(block)).length).toBe(4);
    expect(again.filter((block) => held.includes(block))).toEqual([]);
  });
});

describe('a call with shared memory', () => {
  const options = { signal: new AbortController().signal };
  const inputs = [{ bytes: bytes('a') }];
  const calling = (run: (given: SharedBatch) => unknown) =>
    callRecords(measured({ name: 'called', run }), undefined, 'shared', 2 ** 16);

  it('holds no block for results that do not lie in it', async () => {
    const buffers = new Set<unknown>();
    const call = calling(({ into }) => {
      buffers.add(into.buffer);
      return { bytes: bytes('own'), ends: Uint32Array.of(3) };
    });
    for (let calls = 0; calls < 3; calls++) expect(await call(inputs, options)).toMatchObject({ block: null });
    // The pool has one for the records, and one for the results.
    expect(buffers.size).toBeLessThanOrEqual(2);
  });

  it('loses its blocks where it cannot be made, so that the pool has room for others', async () => {
    const buffers = new Set<unknown>();
    const call = calling(({ bytes: given, ends, into }) => {
      buffers.add(into.buffer);
      into.set(given);
      return { bytes: given.length, ends };
    });
    const tooLong = {
      get bytes(): Uint8Array {
        return this.reads++ === 0 ? bytes('') : new Uint8Array(2 ** 17);
      },
      reads: 0,
    };
    for (let calls = 0; calls < 3; calls++) {
      tooLong.reads = 0;
      await expect(call([tooLong], options)).rejects.toThrow(RangeError);
    }
    for (let calls = 0; calls < 5; calls++) await call(inputs, options);
    expect(buffers.size).toBeLessThanOrEqual(2);
  });
});

describe('records in shared memory', () => {
  const textAt = (index: number) => String(index).padStart(6, '0');

  async function* records(count: number) {
    for (let i = 0; i < count; i++) {
      if (i % 50 === 0) await sleep(1);
      yield bytes(textAt(i));
    }
  }

  /** Records that came out with another's bytes, and all that came. */
  async function wrongOf(results: AsyncIterable<{ readonly offset: number; readonly bytes: Uint8Array }>) {
    let [wrong, all] = [0, 0];
    for await (const one of results) {
      if (textOf(Uint8Array.from(one.bytes)) !== textAt(one.offset)) wrong++;
      if (++all % 7 === 0) await sleep(1);
    }
    return { wrong, all };
  }

  it('lie in memory that is used again also once many runs were left early', async () => {
    const buffers = new Set<unknown>();
    const large = measured({
      name: 'large',
      run: (given: SharedBatch) => {
        buffers.add(given.into.buffer);
        return { bytes: 60_000, ends: new Uint32Array(given.ends.length).fill(60_000) };
      },
    });
    const stream = createStreamProcessor(large, { takes: 'shared', batchRecords: 1, bufferBytes: 2 ** 19 });
    for (let runs = 0; runs < 20; runs++) for await (const _ of stream.process(records(20))) break;
    buffers.clear();
    for await (const _ of stream.process(records(200)));
    expect(buffers.size).toBeLessThan(40);
  });

  it('keep their bytes where a function answers with what it was given', async () => {
    const same = measured({ name: 'same', run: (given: SharedBatch) => ({ bytes: given.bytes, ends: given.ends }) });
    const stream = createStreamProcessor(same, { takes: 'shared', batchRecords: 20 });
    expect(await wrongOf(stream.process(records(600)))).toEqual({ wrong: 0, all: 600 });
  });

  it('keep their bytes while they wait to be tried again in a later stage', async () => {
    const copied = (given: SharedBatch) => {
      given.into.set(given.bytes);
      return { bytes: given.bytes.length, ends: given.ends };
    };
    const tried = new Set<string>();
    const failsOnce = (given: SharedBatch) => {
      const failed: { index: number; message: string }[] = [];
      let from = 0;
      for (const [index, end] of given.ends.entries()) {
        const text = textOf(Uint8Array.from(given.bytes.subarray(from, end)));
        from = end;
        if (!text.endsWith('3') || tried.has(text)) continue;
        tried.add(text);
        failed.push({ index, message: 'again' });
      }
      return { ...copied(given), failed };
    };
    const stage = (name: string, run: (given: SharedBatch) => unknown) =>
      ({ executor: measured({ name, run }), takes: 'shared', batchRecords: 20 }) as const;
    const stream = pipeline([stage('a', copied), stage('b', failsOnce)], {
      onFailed: { retries: 5, backoffMs: 10 },
      ordering: 'none',
    });
    expect(await wrongOf(stream.process(records(1000)))).toEqual({ wrong: 0, all: 1000 });
    expect(tried.size).toBe(100);
  });
});
