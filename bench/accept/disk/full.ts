/** A small file system (tmpfs) for each session, filled up to so many free blocks before it begins. */
import { spawnSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fault, wrongIn } from './failing.ts';
import { runSession } from './session.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const sizeBytes = 8 * 2 ** 20;

/** Why no file system can be mounted here; null where one can. */
export async function mountRefused(): Promise<string | null> {
  try {
    await using _disk = await mounted();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export const full: Fault = {
  name: 'the disk is full from one block on',
  async count() {
    await using disk = await mounted();
    const { bavail } = await statfs(disk.path);
    const { result, complaint } = await runSession(await folderIn(disk.path), null, null);
    if (result === null) throw new Error(`the session gave no result on a disk with room: ${complaint}`);
    return bavail - result.fewestFree;
  },
  async run(k, without) {
    await using disk = await mounted();
    const filler = join(disk.path, 'filler');
    await writeFile(filler, '');
    const stateDir = await folderIn(disk.path);
    const { bavail, bsize } = await statfs(disk.path);
    await writeFile(filler, Buffer.alloc((bavail - (k - 1)) * bsize));
    const run = await runSession(stateDir, without, null);
    // Whoever reads what is left needs some room as well.
    await rm(filler);
    // Where what was begun had to be taken back there is room again: the warning says that there was none.
    const fired = run.result?.fewestFree === 0 || run.complaint.includes('disk is full');
    return { fault: full.name, k, fired, run, wrong: wrongIn(run, stateDir) };
  },
};

async function folderIn(disk: string): Promise<string> {
  const stateDir = join(disk, 'state');
  await mkdir(stateDir);
  return stateDir;
}

/** @throws {Error} where it is refused */
async function mounted(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await temporaryDirectory(tmpdir());
  const mount = ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'sandtune', folder.path];
  const { error, status, stderr } = spawnSync('mount', mount, { encoding: 'utf8' });
  if (error || status !== 0) {
    await folder[Symbol.asyncDispose]();
    throw new Error(`a file system cannot be mounted: ${error?.message ?? stderr.trim()}`);
  }
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      spawnSync('umount', ['--lazy', folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
