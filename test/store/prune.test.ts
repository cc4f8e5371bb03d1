import { randomBytes } from 'node:crypto';
import { statSync, truncateSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { pruneStep } from '../../src/store/prune.ts';
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

it('nothing is read of a run of which a part is dropped already', async () => {
  const path = storeFile();
  const { store } = open(path);
  for (let i = 0; i < 300; i++) store.append([row(`${i}`, { run: 1 })]);
  store.append([row('of another', { run: 2 })]);
  await store.durable();
  using database = new DatabaseSync(path, { timeout: 1000 });
  expect(pruneStep(database, { oldestMs: 0, maxBytes: 1, recentMs: Number.POSITIVE_INFINITY })).toEqual({
    dropped: 200,
    then: 'step',
  });
  expect(texts(store.read())).toEqual(['of another']);
  expect(store.faults()).toEqual([]);
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

it('the oldest runs go as a whole when their outlines alone take half of the room, and the chains of the others are whole', async () => {
  const path = storeFile();
  const opened = open(path);
  const { store } = opened;
  const fill = (run: number, atMs: number) => {
    for (let i = 0; i < 250; i++) store.append([row('x'.repeat(1000), { run, atMs }), bulk('w', { run, atMs })]);
  };
  for (const run of [1, 2, 3, 4]) fill(run, run * 1000);
  store.append([], { cells: [{ subject: 'pool', key: 'off', value: 'yes' }] });
  await store.durable();
  const dropped = await store.prune({ ...everything, maxBytes: 1_200_000, recentMs: 10_000 });
  expect(dropped).toBe(2 * 501);
  expect(store.runs('pool', 9)).toEqual([4, 3]);
  expect(new Set([...store.read()].map(({ run }) => run))).toEqual(new Set([3, 4]));
  expect(store.faults()).toEqual([]);
  expect(store.cell('pool', 'off')).toBe('yes');
});

it('a run that had a row lately stays, whatever room its outline takes', async () => {
  const { store } = open(storeFile());
  for (let i = 0; i < 500; i++) store.append([row('x'.repeat(1000), { run: 1, atMs: i })]);
  await store.durable();
  expect(await store.prune({ ...everything, maxBytes: 300_000, recentMs: 499 })).toBe(0);
  expect(texts(store.read())).toHaveLength(500);
});

it('a run that is being dropped is gone for whoever reads, and is dropped to its end by the next who prunes', async () => {
  const path = storeFile();
  const opened = open(path);
  for (const run of [1, 2])
    for (let i = 0; i < 450; i++) opened.store.append([row('x'.repeat(1000), { run, atMs: run })]);
  await opened[Symbol.asyncDispose]();
  {
    using database = new DatabaseSync(path);
    expect(pruneStep(database, { ...everything, maxBytes: 1_000_000, recentMs: 10 }).dropped).toBe(200);
  }
  const { store } = open(path);
  expect(store.runs('pool', 9)).toEqual([2]);
  expect(store.faults()).toEqual([]);
  expect(await store.prune({ ...everything, recentMs: 10 })).toBe(251);
  expect(texts(store.read())).toHaveLength(450);
});

it('all room of rows that went is given back to the file system, also that of rows of many pages', async () => {
  const path = storeFile();
  const { store } = open(path);
  for (let i = 0; i < 300; i++) store.append([bulk(randomBytes(12_000).toString('hex'))]);
  await store.durable();
  expect(await store.prune({ ...everything, oldestMs: 2000 })).toBe(300);
  expect(statSync(path).size).toBeLessThan(200_000);
});

it('rows stay while the log is long and a reader of an older state keeps it from being begun anew', async () => {
  const path = storeFile();
  const opened = open(path);
  for (let i = 0; i < 300; i++) opened.store.append([bulk(`${i}`)]);
  await opened.store.durable();
  const all = { ...everything, oldestMs: 2000 };
  using database = new DatabaseSync(path, { timeout: 1000 });
  {
    using reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM counters').get();
    expect(pruneStep(database, all).dropped).toBe(200);
    truncateSync(`${path}-wal`, 20 * 2 ** 20);
    expect(pruneStep(database, all)).toEqual({ dropped: 0, then: 'wait' });
  }
  expect(pruneStep(database, all).dropped).toBe(100);
  expect(pruneStep(database, all)).toEqual({ dropped: 0, then: 'done' });
});

it('nothing is dropped while whoever asked says so, nor once it is told to end', async () => {
  const { store } = open(storeFile());
  for (let i = 0; i < 500; i++) store.append([bulk(`${i}`)]);
  const all = { ...everything, oldestMs: 2000 };
  const answers = [true, false, true];
  expect(await store.prune(all, { mayGoOn: () => answers.shift() ?? true })).toBe(500);
  for (let i = 0; i < 500; i++) store.append([bulk(`${i}`)]);
  const ended = new AbortController();
  const mayGoOn = () => {
    ended.abort();
    return true;
  };
  expect(await store.prune(all, { mayGoOn, signal: ended.signal })).toBe(200);
  expect(await store.prune(all, { mayGoOn: () => true, signal: ended.signal })).toBe(0);
});
