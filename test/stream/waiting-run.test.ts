import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

it.each([
  ['at-most-once', 0],
  ['at-most-once', 2],
  ['at-least-once', 2],
])('a run that waits for a checkpoint keeps its process alive: %s, save %i fails', async (delivery, failing) => {
  const child = fileURLToPath(new URL('./waiting-run-child.ts', import.meta.url));
  const args = ['--conditions=sandtune-source', '--no-warnings', child, temporaryFolder(), delivery, String(failing)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual({ delivered: 1000, failedCheckpoints: failing > 0 ? 1 : 0 });
});
