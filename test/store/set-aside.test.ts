import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { StoreError } from '../../src/store/store-error.ts';
import { meddle, open, row, storeFile, texts, version } from './support.ts';

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

it('a file that was found damaged later is set aside with the reason', async () => {
  const path = await written();
  const distrust = new StoreError(path, 'damaged', 'a page that cannot be read');
  expect(open(path, { distrust }).setAside?.reason).toContain('a page that cannot be read');
});

it('an empty file is a new store', async () => {
  const path = storeFile();
  mkdirSync(dirname(path));
  writeFileSync(path, '');
  const { store, setAside } = open(path);
  expect(setAside).toBe(null);
  store.append([row('a')]);
  await store.durable();
  expect(texts(store.read())).toEqual(['a']);
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
  const descriptors = () => readdirSync('/proc/self/fd').length;
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
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  for (let i = 0; i < 20; i++) expect(() => open(path, { readOnly: true })).toThrow(StoreError);
  expect(descriptors()).toBe(before);
});
