import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../support/require-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const git = findProgram('git', 'apt-get install git');
const isClone = existsSync(`${root}.git`);

const note = git.note || (isClone ? '' : ' (skipped: not a clone)');
describe.skipIf(git.missing || !isClone)(`npm run bench -- --against${note}`, () => {
  it.each([
    ['ctrl-C', 1],
    ['an impatient ctrl-C', 2],
  ])('a comparison that gets %s while arms run ends with 130 and leaves no checkout behind', async (_, times) => {
    const folder = temporaryFolder();
    const program = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
    const args = ['--conditions=sandtune-source', program, 'core.wrap', '--quick', '--against', 'HEAD'];
    const bench = spawn(process.execPath, args, {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    let sent = 0;
    bench.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('wrapped-piscina') || sent > 0) return;
      while (sent++ < times) bench.kill('SIGINT');
    });
    const code = await new Promise((resolve) => bench.once('exit', resolve));
    expect(said).toContain('checking out HEAD');
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
    expect(execFileSync('git', ['worktree', 'list'], { cwd: root, encoding: 'utf8' })).not.toContain(folder);
  });
});
