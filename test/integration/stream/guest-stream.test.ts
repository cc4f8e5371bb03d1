import { createSandbox } from 'sandtune';
import { createStreamProcessor, functionSink, type StreamOptions, type Takes } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import wabtInit from 'wabt';
import { textOf, textsOf } from '../../stream/stream-support.ts';

/** `transform` gives a record back in place; traps on 'x…', has no result for '-…'. `tenfold` gives it ten times. */
const source = `(module
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 0))
  (func (export "room") (param $bytes i32) (result i32)
    (local $missing i32)
    (local.set $missing (i32.sub (i32.add (i32.div_u (i32.mul (local.get $bytes) (i32.const 11)) (i32.const 65536)) (i32.const 3)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then (drop (memory.grow (local.get $missing)))))
    (global.set $free (i32.add (local.get $bytes) (i32.const 1024)))
    (i32.const 1024))
  (func (export "transform") (param $at i32) (param $bytes i32) (result i32 i32)
    (if (i32.ne (local.get $bytes) (i32.const 0)) (then
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 120)) (then unreachable))
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45)) (then (return (i32.const 0) (i32.const -1))))))
    (local.get $at) (local.get $bytes))
  (func (export "tenfold") (param $at i32) (param $bytes i32) (result i64)
    (local $i i32) (local $out i32)
    (local.set $out (global.get $free))
    (loop $again
      (memory.copy (i32.add (local.get $out) (i32.mul (local.get $i) (local.get $bytes))) (local.get $at) (local.get $bytes))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 10))))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
      (i64.extend_i32_u (i32.mul (local.get $bytes) (i32.const 10))))))`;

async function sandboxOf() {
  const wabt = await wabtInit();
  const module = new Uint8Array(
    wabt.parseWat('records.wat', source, { multi_value: true, bulk_memory: true }).toBinary({}).buffer,
  );
  const binding = new URL('./records-binding.ts', import.meta.url);
  return createSandbox({ guests: { g: { module, binding, functions: ['transform', 'tenfold'] } }, threads: 2 });
}

const takesAll = ['record', 'batch', 'shared'] as const satisfies readonly Takes[];
const lists = (records: readonly string[]) => [records.map((one) => Buffer.from(one))];

describe.each(takesAll)('a guest that takes its records as %s', (takes) => {
  const options: StreamOptions = { function: 'transform', takes };

  it('gives each back, and none where it has none', async () => {
    await using sandbox = await sandboxOf();
    const records = Array.from({ length: 700 }, (_, i) => (i % 5 === 1 ? '-' : `${i}`.repeat(i % 90)));
    const results = await textsOf(createStreamProcessor(sandbox, options).process(lists(records)));
    expect(results).toEqual(records.filter((one) => one !== '-'));
  });

  it('gives results larger than its records, and than there was room for', async () => {
    await using sandbox = await sandboxOf();
    const stream = createStreamProcessor(sandbox, { function: 'tenfold', takes });
    const records = ['a', 'bc', 'd'.repeat(30_000), '', 'e'];
    const results = await textsOf(stream.process(lists(records)));
    expect(results.every((one, i) => one === records[i]?.repeat(10))).toBe(true);
    expect(results).toHaveLength(records.length);
  });

  it('traps on one record, which alone is told', async () => {
    await using sandbox = await sandboxOf();
    const letters: string[] = [];
    const stream = createStreamProcessor(sandbox, {
      ...options,
      onFailed: 'dead-letter',
      deadLetters: ({ bytes, error }) => {
        letters.push(`${textOf(bytes)} ${(error as { code: string }).code}`);
      },
    });
    const records = ['a', 'b', 'xc', 'd', 'e'];
    expect(await textsOf(stream.process(lists(records)))).toEqual(['a', 'b', 'd', 'e']);
    expect(letters).toEqual(['xc ERR_SANDTUNE_TRAP']);
  });

  it('gives results that stay what they are, to a sink that keeps them', async () => {
    await using sandbox = await sandboxOf();
    const kept: Uint8Array[] = [];
    const records = Array.from({ length: 5000 }, (_, i) => `record ${i}`);
    const sink = functionSink((list) => {
      kept.push(...list.map(({ bytes }) => bytes));
    });
    await createStreamProcessor(sandbox, options).run(lists(records), sink);
    expect(kept.map(textOf)).toEqual(records);
  });

  it('gives them right to a sink that borrows them, in memory that is used again', async () => {
    await using sandbox = await sandboxOf();
    const texts: string[] = [];
    const records = Array.from({ length: 5000 }, (_, i) => `record ${i}`);
    const sink = functionSink(
      (list) => {
        texts.push(...list.map(({ bytes }) => textOf(bytes)));
      },
      { borrows: true },
    );
    await createStreamProcessor(sandbox, options).run(lists(records), sink);
    expect(texts).toEqual(records);
  });
});
