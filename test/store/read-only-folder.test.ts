import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { open, row, storeFile } from './support.ts';

const child = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Runs a command where the folder of `path` is mounted read-only. */
function whereNothingCanBeWritten(path: string, command: readonly string[]): string {
  const folder = dirname(path);
  const mount = `mount --bind '${folder}' '${folder}' && mount -o remount,ro,bind '${folder}'`;
  return execFileSync('unshare', ['-rm', 'sh', '-c', `${mount} && exec "$@"`, 'sh', ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const isRefused = (() => {
  try {
    whereNothingCanBeWritten(join(tmpdir(), 'any'), ['true']);
    return false;
  } catch {
    return true;
  }
})();
const why = isRefused ? ' (skipped: unshare or mount is refused here)' : '';

it.skipIf(isRefused)(`a store can be read on a read-only file system${why}`, async () => {
  const path = storeFile();
  const opened = open(path);
  opened.store.append([row('a'), row('b')]);
  await opened[Symbol.asyncDispose]();
  expect(readdirSync(dirname(path))).not.toContain('test.sqlite-shm');
  expect(whereNothingCanBeWritten(path, [process.execPath, child('./reading-child.ts'), path])).toBe('a b');
});

it.skipIf(isRefused)(
  `so can what a killed process left in its log, with and without an index of it${why}`,
  async () => {
    const path = storeFile();
    const writing = spawn(process.execPath, [child('./appending-child.ts'), path, 'until killed'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(writing.stdout, 'data');
    writing.kill('SIGKILL');
    await once(writing, 'close');
    expect(existsSync(`${path}-wal`)).toBe(true);
    const read = () => whereNothingCanBeWritten(path, [process.execPath, child('./reading-child.ts'), path]);
    const rows = read();
    expect(rows).toMatch(/^0 1 2 /);
    rmSync(`${path}-shm`);
    expect(read()).toBe(rows);
  },
);

it.skipIf(isRefused)(
  `whoever would write there is told that it is read-only, be there a file or none${why}`,
  async () => {
    const path = storeFile();
    const opened = open(path);
    opened.store.append([row('a')]);
    await opened[Symbol.asyncDispose]();
    for (const file of [path, `${path}.none`])
      expect(whereNothingCanBeWritten(path, [process.execPath, child('./opening-child.ts'), file])).toBe('read-only\n');
  },
);
