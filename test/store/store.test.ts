import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openForReading, openForWriting } from '../../src/store/open-file.ts';
import { pruneStep } from '../../src/store/prune.ts';
import { Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { bulk, open, row, storeFile, texts, version } from './support.ts';

it('rows are read in their order at once, and by whoever opens the file later', async () => {
  const path = storeFile();
  const first = open(path);
  first.store.append([row('a'), bulk('b')]);
  first.store.append([row('c')]);
  expect(texts(first.store.read())).toEqual(['a', 'b', 'c']);
  await first[Symbol.asyncDispose]();
  expect(texts(open(path).store.read())).toEqual(['a', 'b', 'c']);
});

it('a row is read once, whether it is on disk, on its way there or waiting', async () => {
  const { store } = open(storeFile());
  for (let i = 0; i < 300; i++) {
    store.append([row(`${i}`)]);
    if (i % 50 === 0) await store.durable();
    if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(texts(store.read())).toHaveLength(i + 1);
  }
});

it('a read shows what was there when it began, however slowly it goes on', async () => {
  const { store } = open(storeFile());
  for (let i = 0; i < 300; i++) store.append([bulk(`${i}`)]);
  await store.durable();
  store.append([row('waiting')]);
  const read = store.read();
  const seen = [read.next().value?.text];
  store.append([row('later')]);
  await store.durable();
  for (const { text } of read) seen.push(text);
  expect(seen).toEqual([...Array.from({ length: 300 }, (_, i) => `${i}`), 'waiting']);
});

it('an outline leaves bulk rows out and says how many came before each row', async () => {
  const { store } = open(storeFile());
  store.append([row('start'), bulk('w0'), bulk('w1'), row('trial')]);
  await store.durable();
  store.append([bulk('w2'), row('verdict'), bulk('w3')]);
  const outline = [...store.read({ run: 1, bulk: false })].map(({ text, bulkBefore }) => [text, bulkBefore]);
  expect(outline).toEqual([
    ['start', 0],
    ['trial', 2],
    ['verdict', 3],
  ]);
});

it('rows are found by run and by kind, on disk and waiting', async () => {
  const { store } = open(storeFile());
  const both = [row('a'), row('b', { run: 2 }), row('c', { kind: 'decision' }), bulk('d')];
  store.append(both);
  await store.durable();
  store.append(both);
  expect(texts(store.read({ run: 1, kinds: ['note', 'window'] }))).toEqual(['a', 'd', 'a', 'd']);
  expect(texts(store.read({ run: 2 }))).toEqual(['b', 'b']);
});

it('the newest runs of a subject come first, also one that is not on disk yet', async () => {
  const { store } = open(storeFile());
  store.append([row('a', { run: 9 }), row('b', { run: 4 }), row('c', { run: 5, subject: 'other' })]);
  await store.durable();
  store.append([row('d', { run: 6 }), row('e', { run: 9 })]);
  expect(store.runs('pool', 10)).toEqual([6, 4, 9]);
  expect(store.runs('pool', 1)).toEqual([6]);
  await store.durable();
  expect(store.runs('pool', 10)).toEqual([6, 4, 9]);
});

it('a cell has the value that was put last, at once and after a restart', async () => {
  const path = storeFile();
  const first = open(path);
  first.store.append([], { cells: [{ subject: 'pool', key: 'kept', value: 'one' }] });
  first.store.append([], { cells: [{ subject: 'pool', key: 'kept', value: 'two' }] });
  expect(first.store.cell('pool', 'kept')).toBe('two');
  await first[Symbol.asyncDispose]();
  expect(open(path).store.cell('pool', 'kept')).toBe('two');
  expect(open(path).store.cell('pool', 'other')).toBe(null);
});

it('a cell that is said to be on disk outlives the loss of the log', async () => {
  const path = storeFile();
  const { store } = open(path);
  for (const value of ['1', '2', '3', '4', '5']) {
    store.append([row(value)], { cells: [{ subject: 'pool', key: 'off', value }] });
    await store.durable();
    const alone = join(temporaryFolder(), 'alone.sqlite');
    copyFileSync(path, alone);
    using database = new DatabaseSync(alone);
    expect(database.prepare("SELECT value FROM cells WHERE key = 'off'").get()).toEqual({ value });
  }
});

it('two who open one file in a process share it until the last has left', async () => {
  const path = storeFile();
  const [first, second] = [open(path), open(path)];
  first.store.append([row('a')]);
  expect(texts(second.store.read())).toEqual(['a']);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  second.store.append([row('b')]);
  expect(texts(second.store.read())).toEqual(['a', 'b']);
});

it('a store in memory is written at once and shared with nobody', async () => {
  const [first, second] = [open(':memory:'), open(':memory:')];
  first.store.append([row('a'), bulk('b')]);
  await first.store.durable();
  expect(texts(first.store.read())).toEqual(['a', 'b']);
  expect(texts(second.store.read())).toEqual([]);
});

it('disposing at the end of a scope loses nothing', () => {
  const path = storeFile();
  {
    using opened = open(path);
    for (let i = 0; i < 50; i++) opened.store.append([row(`${i}`)]);
  }
  expect(texts(open(path).store.read())).toHaveLength(50);
});

it('what the file could never take is refused at once, and nothing after it is lost', async () => {
  const { store } = open(storeFile());
  store.append([row('a')]);
  expect(() => store.append([row('b'), row('c', { atMs: Number.NaN })])).toThrow(/finite time, got 1 and NaN/);
  expect(() => store.append([row('a', { run: 0.5 })])).toThrow(/safe integer/);
  await store.durable();
  store.append([bulk('d')]);
  await store.durable();
  expect(texts(store.read())).toEqual(['a', 'd']);
});

it('a closed store and one opened for reading refuse to append, and a closed one to be read as it is now', async () => {
  const path = storeFile();
  const opened = open(path);
  opened.store.append([row('a')]);
  await opened[Symbol.asyncDispose]();
  expect(() => opened.store.append([row('b')])).toThrow(/expected an open store/);
  expect(() => opened.store.asOfNow(() => 1)).toThrow(StoreError);
  const looking = open(path, { readOnly: true });
  expect(() => looking.store.append([row('b')])).toThrow(/opened for reading/);
  expect(texts(looking.store.read())).toEqual(['a']);
});

it('text of any kind comes back as it was', async () => {
  const { store } = open(storeFile());
  const odd = ['', '\u0000 and more', '"quoted" \\ \n', '𝛼 ß 漢', 'x'.repeat(300_000)];
  store.append(odd.flatMap((text) => [row(text), bulk(text)]));
  await store.durable();
  expect(texts(store.read())).toEqual(odd.flatMap((text) => [text, text]));
  expect(store.faults()).toEqual([]);
});

it('a store opened as of its opening shows neither what is written later nor what is pruned, and finds its chain whole', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a'), bulk('b'), bulk('c')]);
  await store.durable();
  const asItWas = open(path, { readOnly: true, asOfOpening: true }).store;
  const asItIs = open(path, { readOnly: true }).store;
  await store.prune({ oldestMs: 2000, maxBytes: 2 ** 30, recentMs: 0 });
  store.append([row('d')]);
  await store.durable();
  expect(texts(asItWas.read())).toEqual(['a', 'b', 'c']);
  expect(asItWas.pruned()).toEqual([]);
  expect(asItWas.faults()).toEqual([]);
  expect(texts(asItIs.read())).toEqual(['a', 'd']);
});

it('a chain that is checked while another process prunes and writes shows no fault', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a'), bulk('b'), bulk('c')]);
  await store.durable();
  using reading = openForReading(path, version);
  const heads = reading.prepare.bind(reading);
  let meddled = false;
  reading.prepare = (sql: string) => {
    // After the heads of the runs were read, before their rows are.
    if (sql.includes('FROM rows') && !meddled) {
      meddled = true;
      using other = openForWriting(path, version);
      pruneStep(other, { oldestMs: 2000, maxBytes: 2 ** 30, recentMs: 0 });
    }
    return heads(sql);
  };
  const looking = new Store({ path, version, place: '', database: reading, readOnly: true });
  expect(looking.faults()).toEqual([]);
  expect(meddled).toBe(true);
});
