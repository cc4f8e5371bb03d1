import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkOut } from '../../bench/arms/checkout.ts';
import { findProgram } from '../support/require-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const progress = () => undefined;

/** What the package runs with: a dependency that can be installed from anywhere. */
const runtime = {
  '': { name: 'sandtune', version: '1.0.0', dependencies: { dep: 'file:dep' } },
  dep: { version: '1.0.0' },
  'node_modules/dep': { resolved: 'dep', link: true },
};
const lockfile = (packages: object) => JSON.stringify({ name: 'sandtune', lockfileVersion: 3, packages });

/** A repository of a package with a history of two commits, and work that is not committed. */
function repository(): { readonly folder: string; readonly git: (...args: string[]) => string } {
  const folder = temporaryFolder();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder, encoding: 'utf8' });
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  git('init', '--quiet', '--initial-branch=main');
  write('.gitignore', 'node_modules\n');
  mkdirSync(join(folder, 'dep'));
  write('dep/package.json', '{ "name": "dep", "version": "1.0.0" }');
  write('package.json', '{ "name": "sandtune", "version": "1.0.0", "dependencies": { "dep": "file:dep" } }');
  write('package-lock.json', lockfile(runtime));
  write('program.txt', 'then');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Then');
  git('tag', 'then');
  write('program.txt', 'now');
  git('commit', '--quiet', '-a', '-m', 'Now');
  write('program.txt', 'not committed');
  write('untracked.txt', 'untracked');
  mkdirSync(join(folder, 'node_modules'));
  write('node_modules/installed.txt', 'ours');
  return { folder, git };
}

const leftBehind = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`sandtune-against-${process.pid}-`));

const git = findProgram('git', 'apt-get install git');

describe.skipIf(git.missing)(`a checkout of another commit${git.note}`, () => {
  it('a checkout has the files of its commit, leaves uncommitted work alone, and is gone when it is disposed', async () => {
    const { folder, git } = repository();
    const before = git('status', '--porcelain');
    const checkout = await checkOut('then', { repository: folder, progress });
    expect(checkout.commit).toBe(git('rev-parse', 'then').trim());
    expect(readFileSync(join(checkout.root, 'program.txt'), 'utf8')).toBe('then');
    expect(readFileSync(join(folder, 'program.txt'), 'utf8')).toBe('not committed');
    checkout[Symbol.dispose]();
    expect(existsSync(checkout.root)).toBe(false);
    expect(leftBehind()).toEqual([]);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(git('status', '--porcelain')).toBe(before);
    expect(readFileSync(join(folder, 'node_modules/installed.txt'), 'utf8')).toBe('ours');
  });

  it('a checkout shares our packages where they are what its commit runs with, and installs its own where they are not', async () => {
    const { folder, git } = repository();
    using same = await checkOut('then', { repository: folder, progress });
    expect(realpathSync(join(same.root, 'node_modules'))).toBe(realpathSync(join(folder, 'node_modules')));
    const tool = { version: '1.0.0', dev: true };
    writeFileSync(join(folder, 'package-lock.json'), lockfile({ ...runtime, 'node_modules/tool': tool }));
    using older = await checkOut('then', { repository: folder, progress });
    expect(realpathSync(join(older.root, 'node_modules'))).toBe(realpathSync(join(folder, 'node_modules')));
    writeFileSync(join(folder, 'package-lock.json'), lockfile({ ...runtime, dep: { version: '1.0.1' } }));
    const said: string[] = [];
    using other = await checkOut('then', { repository: folder, progress: (text) => said.push(text) });
    expect(said.at(-1)).toContain('npm ci');
    expect(readdirSync(join(other.root, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['dep']);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(4);
  });

  it.each([['no-such-tag'], ['--help'], ['HEAD:program.txt']])('a checkout of %s is refused', async (ref) => {
    const { folder, git } = repository();
    await expect(checkOut(ref, { repository: folder, progress })).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_OPTION',
      message: `--against: expected a commit, tag or branch of this repository, got "${ref}"`,
    });
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  it('a checkout that cannot be made usable is removed again', async () => {
    const { folder, git } = repository();
    git('rm', '--quiet', '-f', 'package-lock.json');
    git('commit', '--quiet', '-m', 'No lockfile');
    await expect(checkOut('main', { repository: folder, progress })).rejects.toThrow(
      'a commit with a package-lock.json',
    );
    expect(leftBehind()).toEqual([]);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  it('the checkout of a process that was killed goes with the next one', async () => {
    const { folder, git } = repository();
    const program = `
      import { checkOut } from ${JSON.stringify(new URL('../../bench/arms/checkout.ts', import.meta.url).href)};
      const { root } = await checkOut('then', { repository: ${JSON.stringify(folder)}, progress() {} });
      console.log(root);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--conditions=sandtune-source', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = (await new Promise<Buffer[]>((resolve) =>
      child.stdout.once('data', (chunk) => resolve([chunk])),
    )) as [Buffer];
    const root = text.toString().trim();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(existsSync(root)).toBe(true);
    (await checkOut('then', { repository: folder, progress }))[Symbol.dispose]();
    expect(existsSync(root)).toBe(false);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });
});
