import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchFolder } from '../../../../exporters/terminal/doctor/scratch-folder.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const file = new URL('../../../../exporters/terminal/doctor/scratch-folder.ts', import.meta.url).href;

it('a scratch folder is gone once it is disposed of, with what was written into it', () => {
  const folder = temporaryFolder();
  const { path, [Symbol.dispose]: dispose } = scratchFolder(folder);
  writeFileSync(join(path, 'ledger'), 'x');
  dispose();
  expect(existsSync(path)).toBe(false);
});

it.each([
  ['process.exit(0)', 0],
  ["process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1000)", 130],
])('a scratch folder is gone where its process ends by %s', (end, code) => {
  const folder = temporaryFolder();
  const program = `import { scratchFolder } from ${JSON.stringify(file)}; scratchFolder(${JSON.stringify(folder)}); ${end};`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
  expect(status).toBe(code);
  expect(readdirSync(folder)).toEqual([]);
});
