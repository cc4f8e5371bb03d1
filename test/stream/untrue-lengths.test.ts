import { measured } from 'sandtune';
import { createStreamProcessor, iterableSource, lines } from 'sandtune/stream';
import { expect, it } from 'vitest';
import { bytes, numbers, sinkOf, takeAll, textOf } from './stream-support.ts';

const memory = new ArrayBuffer(1);
const lies = { length: 0, byteLength: 1e9, byteOffset: 3, buffer: memory };
const lying = (text: string) =>
  Object.defineProperties(
    bytes(text),
    Object.fromEntries(Object.entries(lies).map(([name, value]) => [name, { value }])),
  );

async function through(run: (given: never) => unknown, takes: 'record' | 'batch' = 'record'): Promise<string[]> {
  const taken: string[] = [];
  const processor = createStreamProcessor(measured({ name: 'lying', run: async (given: never) => run(given) }), {
    framing: lines(),
    takes,
  });
  const pieces = numbers(20).flatMap((number) => [lying(`record ${number}`), lying('\n')]);
  await processor.run(pieces, sinkOf(takeAll(taken)));
  return taken;
}
const records = numbers(20).map((number) => `record ${number}`);

it('pieces of a source are read by the bytes that they have, not by those they say they have', async () => {
  expect(await through((given) => given)).toEqual(records);
});

it('results are as long as they are, not as they say they are: alone, in a list and in a batch', async () => {
  const of = (given: Uint8Array) => lying(Buffer.from(given).toString());
  expect(await through(of)).toEqual(records);
  expect(await through((given) => [of(given)])).toEqual(records);
  const batch = (given: { bytes: Uint8Array; ends: Uint32Array }) => ({ bytes: of(given.bytes), ends: given.ends });
  expect(await through(batch, 'batch')).toEqual(records);
});

it('what a restart passes over is counted by the bytes that pieces have', async () => {
  const source = iterableSource(() => [lying('ab'), lying('cdef'), lying('g')], { gives: 'bytes' });
  const { partitions } = await source.open({} as never);
  const rest: string[] = [];
  for await (const piece of partitions[0]?.read({ at: 3, offset: 0 } as never) ?? [])
    rest.push(textOf(piece as Uint8Array));
  expect(rest.join('')).toBe('defg');
});
