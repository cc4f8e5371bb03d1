import { expect, it } from 'vitest';
import { bulk, meddle, open, row, storeFile, texts } from './support.ts';

/** A file with two runs of six rows each, two of them bulk, that another program then changes. */
async function changed(sql: string) {
  const path = storeFile();
  const opened = open(path);
  for (const run of [1, 2])
    opened.store.append(
      ['a', 'b', 'c', 'd'].map((text) => row(text, { run })).concat(['e', 'f'].map((text) => bulk(text, { run }))),
    );
  await opened[Symbol.asyncDispose]();
  meddle(path, sql);
  return open(path).store;
}

it('nothing is wrong with a store that nobody touched', async () => {
  expect((await changed('')).faults()).toEqual([]);
});

it.each([
  ['text', "UPDATE rows SET text = 'x' WHERE seq = 2", 2],
  ['kind', "UPDATE rows SET kind = 'x' WHERE seq = 2", 2],
  ['time', 'UPDATE rows SET at_ms = 1001 WHERE seq = 4', 4],
  ['place among bulk rows', 'UPDATE rows SET bulk_before = 1 WHERE seq = 1', 1],
  ['bulk body', "UPDATE bulk SET deflated = x'00' WHERE seq = 5", 5],
])('an altered %s shows, with its row, and the other run stays whole', async (_, sql, seq) => {
  const store = await changed(sql);
  expect(store.faults()).toEqual([{ kind: 'altered', run: 1, seq }]);
  expect(store.faults(2)).toEqual([]);
});

it('rows that were taken out of the middle show, with their number', async () => {
  const store = await changed('DELETE FROM rows WHERE seq IN (2, 3)');
  expect(store.faults()).toEqual([{ kind: 'missing', run: 1, seq: 4, count: 2 }]);
});

it('a tail that was cut off shows, of the outline and of bulk rows', async () => {
  const store = await changed('DELETE FROM rows WHERE seq = 4; DELETE FROM bulk WHERE seq IN (11, 12)');
  expect(store.faults()).toEqual([
    { kind: 'cut', run: 1, count: 1 },
    { kind: 'cut', run: 2, count: 2 },
  ]);
});

it('rows that two runs exchanged show in both', async () => {
  const store = await changed('UPDATE rows SET run = 3 - run WHERE seq IN (1, 7)');
  expect(store.faults().map((fault) => fault.run)).toContain(1);
  expect(store.faults().map((fault) => fault.run)).toContain(2);
});

it('rows without a run show, and do not deny the others', async () => {
  const store = await changed('DELETE FROM runs WHERE run = 1');
  expect(store.faults()).toEqual([
    { kind: 'orphan', run: 1, seq: 1 },
    { kind: 'orphan', run: 1, seq: 5 },
  ]);
  expect(texts(store.read({ run: 2 }))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('a bulk row that cannot be inflated is left out of a read, which goes on', async () => {
  const store = await changed("UPDATE bulk SET deflated = x'00' WHERE seq = 5");
  expect(texts(store.read({ run: 1 }))).toEqual(['a', 'b', 'c', 'd', 'f']);
});

it.each(['run', 'bulk_before'])('a %s too large to be a number denies none of the other rows', async (column) => {
  const store = await changed(`UPDATE rows SET ${column} = 9223372036854775807 WHERE seq = 2`);
  expect(texts(store.read({ bulk: false }))).toHaveLength(8);
  expect(texts(store.read())).toHaveLength(12);
  expect(texts(store.read({ run: 2 }))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(store.faults().map((fault) => fault.run)).toContain(1);
});
