/**
 * A state folder whose anchor is not what the child is configured with: one process commits a better
 * setting under `persist`, and ends. Without this folder, a start that
 * remembers nothing would stand on the right setting too.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildRun, lineOf } from './run-child.ts';
import { improved } from './settings.ts';

export interface CommittedFolder extends AsyncDisposable {
  readonly anchor: Readonly<Record<string, unknown>>;
  /** A copy of its own for each kill. */
  copy(): Promise<{ readonly stateDir: string } & AsyncDisposable>;
}

/** Runs of the child before the commit is given up; on a busy machine a trial may end undecided. */
const attempts = 3;

/** @throws {Error} when the better setting was not committed; the signal's reason when it is aborted */
export async function commitOnce(seed: number, signal?: AbortSignal): Promise<CommittedFolder> {
  for (let attempt = 1; ; attempt++) {
    const folder = await newFolder();
    try {
      const { stateDir } = folder;
      const run: ChildRun = { stateDir, seed: seed + attempt, role: 'commit', ...(signal && { signal }) };
      const { anchor = {} } = await lineOf(run, 'kept');
      if (Object.entries(improved).some(([knob, value]) => anchor[knob] !== value))
        throw new Error(`expected an anchor with ${JSON.stringify(improved)}, got ${JSON.stringify(anchor)}`);
      return {
        anchor,
        copy: async () => {
          const copied = await newFolder();
          await cp(folder.stateDir, copied.stateDir, { recursive: true });
          return copied;
        },
        [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
      };
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      if (attempt >= attempts || signal?.aborted) throw error;
    }
  }
}

async function newFolder(): Promise<{ readonly stateDir: string } & AsyncDisposable> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sandtune-crash-'));
  return { stateDir, [Symbol.asyncDispose]: () => rm(stateDir, { recursive: true, force: true }) };
}
