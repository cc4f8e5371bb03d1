/**
 * The tuner with one of its guards taken out, to see the figure fail that the guard is there for: a copy of its
 * sources with a fault of bench/accept/mutants in it, loaded beside the whole one.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expected } from '../../src/foundation/options.ts';
import type { tune } from '../../tuner/tune.ts';
import { mutants } from '../accept/mutants/list.ts';
import { mutated } from '../accept/mutants/mutant.ts';

export type Tune = typeof tune;

interface Crippled extends AsyncDisposable {
  readonly tune: Tune;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where no fault has that name, ERR_SANDTUNE_INPUT where its place is gone */
export async function tunerWithout(name: string): Promise<Crippled> {
  const mutant = mutants.find((one) => one.name === name);
  if (!mutant) throw expected('fault', 'the name of one in bench/accept/mutants', name);
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-without-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    for (const part of ['src', 'tuner', 'package.json'])
      await cp(join(root, part), join(folder, part), {
        recursive: true,
        dereference: true,
      });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, mutant.file);
    await writeFile(path, mutated(await readFile(path, 'utf8'), mutant));
    const loaded = (await import(pathToFileURL(join(folder, 'tuner/tune.ts')).href)) as { readonly tune: Tune };
    return { tune: loaded.tune, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
