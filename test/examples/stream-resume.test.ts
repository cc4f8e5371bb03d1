import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../examples/stream-resume.ts', import.meta.url));

it('the example that is killed ends with the output of one that was not', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--conditions=sandtune-source',
    program,
    '8',
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/killed at \d+ % of the output/);
  expect(stdout).toMatch(/from checkpoint \d+/);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('identical');
}, 120_000);
