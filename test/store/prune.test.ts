import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bulk, open, row, storeFile, texts } from './support.ts';

const everything = { oldestMs: Number.NEGATIVE_INFINITY, maxBytes: Number.MAX_SAFE_INTEGER, recentMs: 0 };

it('bulk rows older than the limit go, the outline stays, and the chain is whole', async () => {
  const { store } = open(storeFile());
  for (let i = 0; i < 450; i++) store.append([bulk(`${i}`, { atMs: i, run: i % 2 }), row(`r${i}`, { run: i % 2 })]);
  expect(await store.prune({ ...everything, oldestMs: 440 })).toBe(440);
  expect(texts(store.read()).filter((text) => !text.startsWith('r'))).toEqual(
    Array.from({ length: 10 }, (_, i) => `${440 + i}`),
  );
  expect(texts(store.read({ bulk: false }))).toHaveLength(450);
  expect(store.faults()).toEqual([]);
  expect(store.pruned()).toEqual([
    { run: 0, count: 220 },
    { run: 1, count: 220 },
  ]);
  expect(store.pruned(1)).toEqual([{ run: 1, count: 220 }]);
});

it('a run goes on after all of its bulk rows were dropped', async () => {
  const path = storeFile();
  const first = open(path);
  first.store.append([bulk('a'), row('b')]);
  await first.store.prune({ ...everything, oldestMs: 2000 });
  await first[Symbol.asyncDispose]();
  const { store } = open(path);
  store.append([bulk('c'), row('d')]);
  expect([...store.read()].map(({ text, bulkBefore }) => [text, bulkBefore])).toEqual([
    ['b', 1],
    ['c', 1],
    ['d', 2],
  ]);
  await store.durable();
  expect(store.faults()).toEqual([]);
});

it('the oldest bulk rows go until the file is small enough, and it shrinks', async () => {
  const path = storeFile();
  const opened = open(path);
  const noise = () => Array.from({ length: 1000 }, () => crypto.randomUUID()).join('');
  for (let i = 0; i < 60; i++) opened.store.append([bulk(noise())]);
  await opened.store.durable();
  const dropped = await opened.store.prune({ ...everything, maxBytes: 300_000 });
  expect(dropped).toBeGreaterThan(30);
  expect(dropped).toBeLessThan(60);
  expect(opened.store.faults()).toEqual([]);
  await opened[Symbol.asyncDispose]();
  expect(statSync(path).size).toBeLessThan(300_000);
});

it('what is appended while old rows are dropped is written in between', async () => {
  const { store } = open(storeFile());
  for (let i = 0; i < 2000; i++) store.append([bulk(`${i}`, { atMs: i })]);
  await store.durable();
  const order: string[] = [];
  const pruned = store.prune({ ...everything, oldestMs: 2000 }).then(() => order.push('pruned'));
  store.append([row('urgent')]);
  await store.durable();
  order.push('durable');
  await pruned;
  expect(order).toEqual(['durable', 'pruned']);
});
