/** A directory that is gone when its user is done. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

export async function temporaryDirectory(parent: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(parent, 'sandtune-disk-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
