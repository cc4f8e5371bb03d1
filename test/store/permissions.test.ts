import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { open, row, storeFile } from './support.ts';

/** Root may write everywhere, so that its tests are run by somebody else. */
const somebody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

// Each program strips the types of what it imports before it begins, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const child = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What a program without rights of its own says of the store at `path`. */
function said(name: string, path: string): string {
  return spawnSync(process.execPath, [child(name), path], { ...somebody, encoding: 'utf8' }).stdout;
}

/** True where a program of somebody else cannot even be started, as in a folder of root's own. */
const isRefused =
  spawnSync(
    process.execPath,
    ['-e', `require('fs').accessSync(${JSON.stringify(child('./opening-child.ts'))})`],
    somebody,
  ).status !== 0;
const whyNot = isRefused ? ' (skipped: another user may not read this folder)' : '';

async function written(): Promise<string> {
  const path = storeFile();
  const opened = open(path);
  opened.store.append([row('a')]);
  await opened[Symbol.asyncDispose]();
  chmodSync(dirname(dirname(path)), 0o755);
  return path;
}

/** Until the test is over. */
function allow(path: string, mode: number): void {
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o700));
}

it.skipIf(isRefused)(
  `a store in a folder that may not be written to is read, and who would write is told so${whyNot}`,
  async () => {
    const path = await written();
    allow(path, 0o444);
    allow(dirname(path), 0o555);
    expect(said('./reading-child.ts', path)).toBe('a');
    expect(said('./opening-child.ts', path)).toBe('read-only\n');
    expect(said('./opening-child.ts', `${path}.none`)).toBe('read-only\n');
  },
);

it.skipIf(isRefused)(`a file that may not be read is no damage: it stays where it is${whyNot}`, async () => {
  const path = await written();
  const bytes = readFileSync(path);
  allow(path, 0o000);
  allow(dirname(path), 0o777);
  expect(said('./opening-child.ts', path)).toBe('failed\n');
  expect(readdirSync(dirname(path)).filter((name) => name.includes('set-aside'))).toEqual([]);
  chmodSync(path, 0o600);
  expect(readFileSync(path)).toEqual(bytes);
});
