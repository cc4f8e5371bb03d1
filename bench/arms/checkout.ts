/**
 * Another commit, checked out beside this one so that its package can be run.
 *
 *   REF ── git worktree in a temporary folder ── node_modules: ours where they serve (lockfile.ts), else npm ci ──▶ its root
 *
 * It runs from its sources, as ours does (the condition `sandtune-source`), so there is nothing to build.
 * Nothing in this checkout is touched, however much of it is uncommitted, and nothing is fetched. The
 * worktree goes with its disposal, at the latest with this process; what a killed one left goes with the next.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../src/foundation/errors.ts';
import { expected } from '../../src/foundation/options.ts';
import { serves } from './lockfile.ts';

export interface Checkout extends Disposable {
  /** The commit, 40 hexadecimal digits. */
  readonly commit: string;
  /** Folder of its package.json. */
  readonly root: string;
}

export interface CheckoutOptions {
  /** The repository. @defaultValue this checkout */
  readonly repository?: string;
  readonly progress: (text: string) => void;
  readonly signal?: AbortSignal;
}

const here = fileURLToPath(new URL('../../', import.meta.url));
const lockfile = 'package-lock.json';
const prefix = 'sandtune-against-';
/** Name of the worktree within its temporary folder. */
const checkoutName = 'sandtune';
const run = promisify(execFile);

/**
 * @param ref what git understands: a commit, a tag, a branch
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION where there is no such commit, or its packages cannot be installed
 */
export async function checkOut(
  ref: string,
  { repository = here, progress, signal }: CheckoutOptions,
): Promise<Checkout> {
  const commit = commitOf(ref, repository);
  removeOrphans(repository);
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const root = join(folder, checkoutName);
  const remove = () => removeWorktree(repository, folder);
  process.once('exit', remove);
  const dispose = () => {
    process.off('exit', remove);
    remove();
  };
  try {
    progress(`checking out ${ref} (${commit.slice(0, 10)})`);
    git(repository, 'worktree', 'add', '--detach', '--quiet', root, commit);
    await installIn(root, repository, progress, signal);
  } catch (error) {
    dispose();
    throw error;
  }
  return { commit, root, [Symbol.dispose]: dispose };
}

function commitOf(ref: string, repository: string): string {
  try {
    // `--end-of-options`: a REF that begins with a dash is no option.
    return git(repository, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).trim();
  } catch {
    throw expected('--against', 'a commit, tag or branch of this repository', ref);
  }
}

async function installIn(
  root: string,
  repository: string,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const [theirs, ours] = [join(root, lockfile), join(repository, lockfile)];
  if (!existsSync(theirs)) throw expected('--against', `a commit with a ${lockfile}`, 'one without');
  if (existsSync(ours) && serves(readFileSync(ours, 'utf8'), readFileSync(theirs, 'utf8'))) {
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
    return;
  }
  progress('it runs with other packages than ours: npm ci');
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    await run(npm ? process.execPath : 'npm', [...(npm ? [npm] : []), ...args], {
      cwd: root,
      ...(signal && { signal }),
    });
  } catch (error) {
    throw expected('--against', `packages that can be installed with npm ci in ${root}`, messageOf(error));
  }
}

/** Removes the worktrees of processes that are gone. */
function removeOrphans(repository: string): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (!isRunning(pid)) removeWorktree(repository, join(tmpdir(), name));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes a worktree of ours, also one that was never finished and is not known to git. */
function removeWorktree(repository: string, folder: string): void {
  try {
    git(repository, 'worktree', 'remove', '--force', join(folder, checkoutName));
  } catch {
    // A worktree that git does not know goes with its folder, which is removed below.
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Runs git without the user's hooks, which are made for their own checkouts. */
function git(repository: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
