import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { StoreError } from '../../src/store/store-error.ts';
import { meddle, open, row, storeFile, texts } from './support.ts';

it('a file that another program has locked keeps nobody from appending and reading, and is written once it is free', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a')]);
  await store.durable();
  const troubles: StoreError[] = [];
  store.onTrouble((error) => troubles.push(error));
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  store.append([row('b')]);
  await expect(store.durable()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_STORE', trouble: 'locked' });
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'locked' });
  expect(() => store.claim({ subject: 'pool', owner: 'me', nowMs: 0, wallMs: 0 })).toThrow(
    expect.objectContaining({ trouble: 'locked' }),
  );
  store.append([row('c')]);
  expect(texts(store.read())).toEqual(['a', 'b', 'c']);
  other.exec('ROLLBACK');
  other.close();
  await store.durable();
  expect(texts(store.read())).toEqual(['a', 'b', 'c']);
  expect(troubles.map(({ trouble }) => trouble)).toEqual(['locked']);
});

it('a file that was deleted is missed with the next batch, also when another stands there now', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a')]);
  await store.durable();
  rmSync(dirname(path), { recursive: true });
  store.append([row('b')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'missing' });
  const again = open(path);
  again.store.append([row('c')]);
  await again.store.durable();
  expect(texts(again.store.read())).toEqual(['c']);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'missing' });
});

it('a file that lost a table while it was open is told to be damaged', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a')]);
  await store.durable();
  meddle(path, 'DROP TABLE counters');
  store.append([row('b')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'damaged' });
  expect(() => [...store.read()]).toThrow(expect.objectContaining({ trouble: 'damaged' }));
});

it('a thread that dies is replaced, and what it had not written is written once', async () => {
  const threads: Worker[] = [];
  const began = (thread: Worker) => threads.push(thread);
  process.on('worker', began);
  const { store } = open(storeFile());
  for (let i = 0; i < 100; i++) {
    store.append([row(`${i}`)]);
    if (i % 10 === 5) await store.durable().catch(() => {});
    if (i === 30 || i === 60) void threads.at(-1)?.terminate();
  }
  await store.durable().catch(() => store.durable());
  process.off('worker', began);
  expect(threads).toHaveLength(3);
  expect(texts(store.read())).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  expect(store.faults()).toEqual([]);
});

it('a thread that dies now and then is replaced as often as that', async () => {
  const threads: Worker[] = [];
  const began = (thread: Worker) => threads.push(thread);
  process.on('worker', began);
  const { store } = open(storeFile());
  for (let i = 0; i < 8; i++) {
    store.append([row(`${i}`)]);
    await store.durable();
    await threads.at(-1)?.terminate();
  }
  process.off('worker', began);
  expect(threads).toHaveLength(8);
});

it('bulk rows are no longer taken when too much waits for a file that cannot be written, all else is', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a')]);
  await store.durable();
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const large = { ...row('x'.repeat(400_000)), bulk: true };
  let refused = 0;
  for (let i = 0; i < 150; i++) refused += store.append([large, row(`${i}`)]);
  expect(refused).toBeGreaterThan(20);
  expect(refused).toBeLessThan(100);
  expect(texts(store.read({ bulk: false }))).toHaveLength(151);
  other.exec('ROLLBACK');
  other.close();
  await store.durable();
  expect(texts(store.read({ bulk: false }))).toHaveLength(151);
  expect(texts(store.read())).toHaveLength(151 + 150 - refused);
});
