import { setImmediate as turn } from 'node:timers/promises';
import { measured } from 'sandtune';
import {
  type Ack,
  createStreamProcessor,
  functionSink,
  lines,
  type OutputRecord,
  type SharedBatch,
} from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { executorOf, numbers, sinkOf, textOf } from './stream-support.ts';

const same = () => createStreamProcessor(executorOf((text) => text));

describe('a run beside what others wrote', () => {
  it('hears of acknowledgements in any order, once each, of no records but its own, from a sink without promises', async () => {
    const others: OutputRecord[] = [];
    const stop = new AbortController();
    const other = same();
    const held = other.run(
      numbers(2),
      sinkOf(async (records) => void others.push(...records)),
      { signal: stop.signal },
    );
    while (others.length < 2) await turn();
    const sink = sinkOf(((records: readonly OutputRecord[], ack: Ack) => {
      for (const wrong of [...others, undefined, null, { ...records[0] }]) ack(wrong as never);
      for (const record of [...records, ...records].reverse()) ack(record);
      for (const record of records) ack(record, new Error('too late'));
    }) as never);
    expect(await same().run(numbers(5), sink)).toMatchObject({ read: 5, delivered: 5 });
    expect(other.progress().inFlightRecords).toBe(2);
    stop.abort(new Error('enough'));
    await expect(held).rejects.toThrow('enough');
  });

  it('leaves the event loop to others while a source always has more', async () => {
    const stop = new AbortController();
    function* endlessly() {
      for (;;) yield 'x';
    }
    setTimeout(() => stop.abort(new Error('enough')), 1);
    const running = same().run(
      endlessly(),
      functionSink(() => {}),
      { signal: stop.signal },
    );
    await expect(running).rejects.toThrow('enough');
  });

  it('says what a source or a sink of somebody else lacks', async () => {
    const nowhere = functionSink(() => {});
    const refusals = [
      [
        { name: 'x', open: async () => undefined } as never,
        nowhere,
        'ERR_SANDTUNE_SOURCE',
        /expected open\(\) to give/,
      ],
      [{ [Symbol.asyncIterator]: () => undefined } as never, nowhere, 'ERR_SANDTUNE_SOURCE', /an async iterable/],
      [
        { [Symbol.asyncIterator]: () => ({ next: async () => undefined }) } as never,
        nowhere,
        'ERR_SANDTUNE_SOURCE',
        /expected next\(\)/,
      ],
      [
        ['a'],
        { ...nowhere, open: async () => ({ write() {} }) } as never,
        'ERR_SANDTUNE_SINK',
        /\{ write, flush, close \}/,
      ],
    ] as const;
    for (const [source, sink, code, message] of refusals)
      await expect(same().run(source, sink)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each(['a function', 'a guest’s function'])(
    'results that %s leaves of few records do not hold the memory of all',
    async (kind) => {
      const piece = Buffer.alloc(100 * 1000, 'x'.repeat(99).concat('\n'));
      const isKept = (at: number) => at % 100 === 0;
      let seen = 0;
      const one = measured({ name: `few-${kind.length}`, run: (given: Uint8Array) => (isKept(seen++) ? given : null) });
      const batch = measured({
        name: `few-shared-${kind.length}`,
        run: ({ bytes: given, ends, into }: SharedBatch) => {
          const without = [...ends.keys()].filter(() => !isKept(seen++));
          let at = 0;
          const outEnds = ends.map((end, i) => {
            if (without.includes(i)) return at;
            into.set(given.subarray(end - 99, end), at);
            at += 99;
            return at;
          });
          return { bytes: at, ends: outEnds, without };
        },
      });
      const outputs: OutputRecord[] = [];
      const taking = sinkOf(
        async (records, ack) => {
          for (const record of records) {
            outputs.push(record);
            ack(record);
          }
        },
        { borrows: true },
      );
      const stream =
        kind === 'a function'
          ? createStreamProcessor(one, { framing: lines() })
          : createStreamProcessor(batch, { framing: lines(), takes: 'shared', batchRecords: 200 });
      await stream.run([piece, piece, piece, piece], taking);
      expect(outputs).toHaveLength(40);
      expect(outputs.every((output) => textOf(Uint8Array.from(output.bytes)) === 'x'.repeat(99))).toBe(true);
      const memories = new Set(outputs.slice(2).map((output) => output.bytes.buffer));
      const held = [...memories].reduce((sum, memory) => sum + memory.byteLength, 0);
      expect(held).toBeLessThan(4 * 99 * outputs.length);
    },
  );
});
