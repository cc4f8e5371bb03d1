/**
 * Where the file lies that a thread of ours starts with: beside the module that names it, as long as both
 * are where the package put them. A bundler moves the module into another file and leaves this one behind;
 * it is then taken from the package that is installed near the program, if it has the same version.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownPlaces } from './own-file.ts';
import { version } from './version.ts';

// Bundlers warn of a require they cannot follow.
const { createRequire } = process.getBuiltinModule('node:module');
const [here] = ownPlaces;

/**
 * @param name from the package's root, without its extension: 'src/store/writer-thread'
 * @throws {Error} where there is none
 */
export function threadFile(name: string): URL {
  const found = foundFile(name);
  if (found !== null) return found;
  const places = `beside ${fileURLToPath(here)} or in a package sandtune ${version} near it`;
  throw new Error(`expected ${name}.js ${places}, found none: a bundler has to leave 'sandtune' out, as external`);
}

function foundFile(name: string): URL | null {
  // Source or built: the file has the extension this module has. tsc does not rewrite URLs.
  const beside = new URL(`../../${name}.${here.endsWith('.ts') ? 'ts' : 'js'}`, here);
  if (existsSync(beside)) return beside;
  return ownPlaces.map((place) => installedFile(place, name)).find((one) => one !== null) ?? null;
}

function installedFile(place: string, name: string): URL | null {
  try {
    const manifest = createRequire(place).resolve('sandtune/package.json');
    const { version: installed } = createRequire(place)(manifest) as { readonly version?: unknown };
    const file = join(dirname(manifest), 'dist', `${name}.js`);
    return installed === version && existsSync(file) ? pathToFileURL(file) : null;
  } catch {
    return null;
  }
}
