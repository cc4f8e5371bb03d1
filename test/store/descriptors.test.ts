import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { meddle, open, row, storeFile, version, wallMs } from './support.ts';

const descriptors = () => readdirSync('/dev/fd').length;

it.each([
  ['of another version', (path: string) => meddle(path, 'PRAGMA user_version = 99')],
  ['that lacks a table', (path: string) => meddle(path, 'DROP TABLE bulk')],
  ['with a view in place of a table', (path: string) => meddle(path, 'DROP TABLE rows; CREATE VIEW rows AS SELECT 1')],
  ['with altered cells', (path: string) => meddle(path, "UPDATE counters SET cells_digest = 'x'")],
  ['that is a text', (path: string) => (rmSync(path), writeFileSync(path, 'not a database, of some length'))],
  ['that is a folder', (path: string) => (rmSync(path), mkdirSync(path))],
])('no descriptor is kept of a file %s, be it looked at or set aside', async (_, harm) => {
  const path = storeFile();
  await open(path)[Symbol.asyncDispose]();
  const before = descriptors();
  for (let i = 0; i < 6; i++) {
    harm(path);
    expect(() => {
      using looking = openStore({ path, version, wallMs, readOnly: true });
      looking.store.cell('pool', 'off');
    }).toThrow(expect.objectContaining({ trouble: 'damaged' }));
    await using opened = openStore({ path, version, wallMs });
    expect(opened.setAside).not.toBe(null);
  }
  expect(descriptors()).toBeLessThanOrEqual(before);
});

it('no descriptor is kept of a file that is deleted or replaced again and again under whoever writes it', async () => {
  const path = storeFile();
  await open(path)[Symbol.asyncDispose]();
  const before = descriptors();
  for (let i = 0; i < 4; i++) {
    await using opened = openStore({ path, version, wallMs });
    opened.store.append([row('a')]);
    if (i % 2 === 0) await opened.store.durable();
    rmSync(path);
    if (i % 3 === 0) writeFileSync(path, 'not a database, of some length');
    opened.store.append([row('b')]);
    await opened.store.durable().catch(() => {});
  }
  expect(descriptors()).toBeLessThanOrEqual(before);
});
