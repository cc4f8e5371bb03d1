import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { StoreError } from '../../src/store/store-error.ts';
import { meddle, open, overwritePage, row, storeFile, texts, version } from './support.ts';

const cell = { subject: 'pool', key: 'off', value: 'yes' };

async function written(): Promise<string> {
  const path = storeFile();
  const opened = open(path);
  opened.store.append([row('a')], { cells: [cell] });
  await opened[Symbol.asyncDispose]();
  return path;
}

function folder(path: string): string[] {
  return readdirSync(dirname(path));
}

it('a store of another version is set aside under a name that says when, and its cells are carried over', async () => {
  const path = await written();
  const { store, setAside } = open(path, { version: version + 1 });
  expect(setAside).toMatchObject({
    reason: expect.stringContaining(`expected a store of version ${version + 1}, got one of version ${version}`),
    cells: [cell],
  });
  expect(basename(setAside?.path ?? '')).toBe('test.set-aside-2026-01-02T03-04-05-000Z.sqlite');
  expect(folder(path)).toContain(basename(setAside?.path ?? ''));
  expect(texts(store.read())).toEqual([]);
  expect(store.cell('pool', 'off')).toBe('yes');
});

it('what was set aside is still a store of its own version', async () => {
  const path = await written();
  const { setAside } = open(path, { version: version + 1 });
  expect(texts(open(setAside?.path ?? '', { readOnly: true }).store.read())).toEqual(['a']);
});

it.each([
  ['a text', (path: string) => writeFileSync(path, 'not a database, of some length and more')],
  [
    'another database',
    (path: string) => {
      writeFileSync(path, '');
      meddle(path, 'CREATE TABLE mine (x)');
    },
  ],
  ['a store that lost a table', (path: string) => meddle(path, 'DROP TABLE leases')],
  ['a store cut in half', (path: string) => truncateSync(path, 20_000)],
])('%s that stands where the file should be is set aside, and a new one is started', async (_, damage) => {
  const path = await written();
  damage(path);
  const { store, setAside } = open(path);
  expect(setAside?.reason).toMatch(/store .*test\.sqlite: /);
  store.append([row('new')]);
  await store.durable();
  expect(texts(store.read())).toEqual(['new']);
});

it('nobody knows what the cells said where they cannot be read', async () => {
  const path = await written();
  writeFileSync(path, 'not a database, of some length and more');
  expect(open(path).setAside?.cells).toBe(null);
});

it('a file that was found damaged while it was open is set aside with the reason when it is opened again', async () => {
  const path = await written();
  const { store } = open(path);
  meddle(path, 'DROP TABLE rows');
  store.append([row('for the old file')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'damaged', mayHeal: false });
  const again = open(path);
  expect(again.setAside).toMatchObject({
    reason: expect.stringContaining("found no 'CREATE TABLE rows'"),
    cells: [cell],
  });
  again.store.append([row('for the new file')]);
  await again.store.durable();
  expect(texts(again.store.read())).toEqual(['for the new file']);
  expect(open(path).setAside).toBe(null);
});

it('a page that cannot be read is told of as damage, and the file is set aside for it', async () => {
  const path = await written();
  const { store } = open(path);
  const troubles: StoreError[] = [];
  store.onTrouble((error) => troubles.push(error));
  overwritePage(path, 'runs_by_subject');
  expect(() => store.runs('pool', 1)).toThrow(expect.objectContaining({ trouble: 'damaged' }));
  expect(troubles).toHaveLength(1);
  expect(open(path).setAside?.reason).toContain('malformed');
});

it('a good file that stands where a damaged one was is not set aside for it', async () => {
  const path = await written();
  const { store } = open(path);
  meddle(path, 'DROP TABLE rows');
  store.append([row('a')]);
  await expect(store.durable()).rejects.toMatchObject({ trouble: 'damaged' });
  rmSync(path);
  copyFileSync(await written(), path);
  const again = open(path);
  expect(again.setAside).toBe(null);
  expect(texts(again.store.read())).toEqual(['a']);
});

it('of several processes that meet a damaged file one sets it aside, and all know what its cells said', async () => {
  const path = await written();
  meddle(path, 'DROP TABLE leases');
  const child = fileURLToPath(new URL('./opening-child.ts', import.meta.url));
  const said = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [child, path]);
      return stdout;
    }),
  );
  expect(said).toEqual(Array.from({ length: 6 }, () => 'yes\n'));
  const aside = folder(path).filter((name) => name.includes('set-aside') && name.endsWith('.sqlite'));
  expect(aside).toHaveLength(1);
  using kept = new DatabaseSync(join(dirname(path), aside[0] ?? ''), { readOnly: true });
  expect(kept.prepare('SELECT text FROM rows').all()).toMatchObject([{ text: 'a' }]);
});

it('two files set aside in the same millisecond both stay', async () => {
  const path = await written();
  for (let i = 0; i < 2; i++) {
    writeFileSync(path, `not a database, of some length and more ${i}`);
    await open(path)[Symbol.asyncDispose]();
  }
  expect(folder(path).filter((name) => /set-aside.*sqlite$/.test(name))).toHaveLength(2);
});

it.each([
  ['an altered value', "UPDATE cells SET value = 'no'"],
  ['another subject', "UPDATE cells SET subject = 'poo'"],
  ['a lost cell', 'DELETE FROM cells'],
])('%s among the cells shows, and nobody takes them for what was put', async (_, sql) => {
  const path = await written();
  meddle(path, sql);
  expect(() => open(path, { readOnly: true }).store.cell('pool', 'off')).toThrow(/expected the cells that were put/);
  expect(texts(open(path, { readOnly: true }).store.read())).toEqual(['a']);
  expect(open(path).setAside).toMatchObject({ cells: null });
});

it('a cell is in the file itself soon after it is durable, where a log that got lost does not matter', async () => {
  const path = storeFile();
  const { store } = open(path);
  store.append([row('a')]);
  await store.durable();
  store.append([], { cells: [cell] });
  await store.durable();
  // Answered after what the thread has to do for the cell.
  await store.cellsLater();
  const copy = storeFile();
  mkdirSync(dirname(copy));
  copyFileSync(path, copy);
  expect(open(copy).store.cell('pool', 'off')).toBe('yes');
});

it('an empty file is set aside, since nobody knows what stood in it', () => {
  const path = storeFile();
  mkdirSync(dirname(path));
  writeFileSync(path, '');
  expect(open(path).setAside).toMatchObject({ reason: expect.stringContaining('an empty file'), cells: null });
});

it('a folder of that name is set aside as well', () => {
  const path = storeFile();
  mkdirSync(path, { recursive: true });
  const { store, setAside } = open(path);
  expect(statSync(setAside?.path ?? '').isDirectory()).toBe(true);
  expect(texts(store.read())).toEqual([]);
});

it('whoever only looks makes no file and sets none aside', async () => {
  const path = storeFile();
  expect(() => open(path, { readOnly: true })).toThrow(/expected the file where it was/);
  mkdirSync(dirname(path));
  writeFileSync(path, 'not a database, of some length and more');
  expect(() => open(path, { readOnly: true })).toThrow(expect.objectContaining({ trouble: 'damaged' }));
  expect(folder(path)).toEqual(['test.sqlite']);
  expect(readFileSync(path, 'utf8')).toContain('not a database');
});

it('a folder that cannot be made is told as such, and leaves no descriptor open', () => {
  const descriptors = () => readdirSync('/dev/fd').length;
  const before = descriptors();
  for (let i = 0; i < 20; i++)
    expect(() => open('/dev/null/x/test.sqlite')).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_STORE', trouble: 'failed' }),
    );
  expect(descriptors()).toBe(before);
});

it('a damaged file leaves no descriptor open, however often it is looked at', async () => {
  const path = await written();
  meddle(path, 'DROP TABLE leases');
  const descriptors = () => readdirSync('/dev/fd').length;
  const before = descriptors();
  for (let i = 0; i < 20; i++) expect(() => open(path, { readOnly: true })).toThrow(StoreError);
  expect(descriptors()).toBe(before);
});

it('a lock file with nonsense in it keeps nobody from making a store', () => {
  const path = storeFile();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.lock`, 'no database, and of some length'.repeat(1000));
  expect(texts(open(path).store.read())).toEqual([]);
});
