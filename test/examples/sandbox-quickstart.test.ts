import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../examples/sandbox-quickstart.ts', import.meta.url));

it('the quickstart of the sandbox runs its guest right, tunes it and reports, in forty lines', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=sandtune-source', program]);
  const [first, ...page] = stdout.split('\n');
  expect(first).toMatch(/^900 bytes, packed \d{2}, unpacked the same: true$/);
  // How far the tuning comes in its time depends on the machine; what it measured is told in any case.
  expect(page.join('\n')).toMatch(/^## [^]*^lz4: .*throughput/m);
  expect(stderr).toBe('');
  expect(readFileSync(program, 'utf8').split('\n').length).toBeLessThanOrEqual(41);
}, 120_000);
