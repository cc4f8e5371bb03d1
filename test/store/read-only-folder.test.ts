import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isMountRefused, whereNothingCanBeWritten, whyNoMount } from '../support/read-only-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { open, row, storeFile } from './support.ts';

const child = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What the command prints where the folder of `path` is mounted read-only. */
const printed = (path: string, command: readonly string[]) => whereNothingCanBeWritten(dirname(path), command).stdout;

it.skipIf(isMountRefused)(`a store can be read on a read-only file system${whyNoMount}`, async () => {
  const path = storeFile();
  const opened = open(path);
  opened.store.append([row('a'), row('b')]);
  await opened[Symbol.asyncDispose]();
  expect(readdirSync(dirname(path))).not.toContain('test.sqlite-shm');
  expect(printed(path, [process.execPath, child('./reading-child.ts'), path])).toBe('a b');
});

it.skipIf(isMountRefused)(
  `so can what a killed process left in its log, with and without an index of it${whyNoMount}`,
  async () => {
    const path = storeFile();
    const writing = spawn(process.execPath, [child('./appending-child.ts'), path, 'until killed'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(writing.stdout, 'data');
    writing.kill('SIGKILL');
    await once(writing, 'close');
    expect(existsSync(`${path}-wal`)).toBe(true);
    const read = () => printed(path, [process.execPath, child('./reading-child.ts'), path]);
    const rows = read();
    expect(rows).toMatch(/^0 1 2 /);
    rmSync(`${path}-shm`);
    expect(read()).toBe(rows);
    // The log stands beside the file that a link leads to.
    const link = join(temporaryFolder(), 'link.sqlite');
    symlinkSync(path, link);
    expect(printed(path, [process.execPath, child('./reading-child.ts'), link])).toBe(rows);
  },
);

it.skipIf(isMountRefused)(
  `whoever would write there is told that it is read-only, be there a file or none${whyNoMount}`,
  async () => {
    const path = storeFile();
    const opened = open(path);
    opened.store.append([row('a')]);
    await opened[Symbol.asyncDispose]();
    for (const file of [path, `${path}.none`])
      expect(printed(path, [process.execPath, child('./opening-child.ts'), file])).toBe('read-only\n');
  },
);
