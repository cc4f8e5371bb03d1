import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { StoreError } from '../../src/store/store-error.ts';
import { meddle, open, row, storeFile, texts } from './support.ts';

/** A store whose file has a row. */
async function written() {
  const path = storeFile();
  const opened = open(path);
  opened.store.append([row('a')]);
  await opened.store.durable();
  return { path, ...opened };
}

it('a file that another program has locked keeps nobody from appending and reading, and is written once it is free', async () => {
  const { path, store } = await written();
  const troubles: StoreError[] = [];
  store.onTrouble((error) => troubles.push(error));
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  store.append([row('b')]);
  await expect(store.durable()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_STORE', trouble: 'locked' });
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'locked' });
  expect(() => store.leases.claim({ subject: 'pool', owner: 'me', nowMs: 0, wallMs: 0 })).toThrow(
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
  const { path, store } = await written();
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
  const { path, store } = await written();
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
  const { path, store } = await written();
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

it('a trouble that may heal is told once when it begins and once when it is over', async () => {
  const { path, store } = await written();
  const told: string[] = [];
  store.onTrouble(({ trouble, mayHeal }) => told.push(`${trouble} ${mayHeal}`));
  store.onHealed(() => told.push('healed'));
  for (let i = 0; i < 2; i++) {
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    store.append([row('b')]);
    await expect(store.durable()).rejects.toMatchObject({ trouble: 'locked' });
    await expect(store.durable()).rejects.toMatchObject({ trouble: 'locked' });
    expect(store.trouble).toMatchObject({ trouble: 'locked' });
    other.close();
    await store.durable();
    expect(store.trouble).toBe(null);
  }
  expect(told).toEqual(['locked true', 'healed', 'locked true', 'healed']);
});

it('whoever comes while there is trouble hears of it too, unless they left at once', async () => {
  const { path, store } = await written();
  rmSync(dirname(path), { recursive: true });
  store.append([row('b')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'missing' });
  const told: string[] = [];
  store.onTrouble(({ trouble }) => told.push(trouble));
  store.onTrouble(() => told.push('left'))();
  await Promise.resolve();
  expect(told).toEqual(['missing']);
});

it('a trouble that does not heal is told once more after one that might have, and nothing after it', async () => {
  const { path, store } = await written();
  const told: string[] = [];
  store.onTrouble(({ trouble }) => told.push(trouble));
  store.onHealed(() => told.push('healed'));
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  store.append([row('b')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'locked' });
  other.close();
  rmSync(path);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'missing' });
  store.append([row('c')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'missing' });
  await expect(store.leases.renew({ subject: 'pool', number: 1 }, 0)).rejects.toMatchObject({ trouble: 'missing' });
  expect(told).toEqual(['locked', 'missing']);
});

it.each([
  ['deleted', (path: string) => rmSync(path)],
  ['deleted with its folder', (path: string) => rmSync(dirname(path), { recursive: true })],
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['cut in half', (path: string) => truncateSync(path, 20_000)],
  ['replaced by a text', (path: string) => (rmSync(path), writeFileSync(path, 'not a database, of some length'))],
])(
  'a file that was %s while it was open is followed by a new one, to which nothing of the old is written',
  async (_, harm) => {
    const path = storeFile();
    const first = open(path);
    for (let i = 0; i < 40; i++) first.store.append([row('x'.repeat(3000))]);
    await first.store.durable();
    meddle(path, 'PRAGMA wal_checkpoint(TRUNCATE)');
    harm(path);
    for (let tries = 0; first.store.trouble === null && tries < 50; tries++) {
      first.store.append([row('lost')]);
      await first.store.durable().catch(() => {});
      try {
        texts(first.store.read());
      } catch {
        // It is told as a trouble.
      }
    }
    expect(first.store.trouble).toMatchObject({ mayHeal: false });
    const second = open(path);
    second.store.append([row('new')]);
    first.store.append([row('too late')]);
    await second.store.durable();
    expect(texts(second.store.read())).toEqual(['new']);
    await first[Symbol.asyncDispose]();
    expect(texts(second.store.read())).toEqual(['new']);
    expect(second.store.faults()).toEqual([]);
  },
);
