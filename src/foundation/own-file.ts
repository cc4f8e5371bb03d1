/**
 * From where a program's files and packages are looked for. This module is where the package put it, unless a
 * bundler moved it: then webpack leaves the path in it that it had on the machine that built, and esbuild
 * leaves `import.meta` empty where it writes CommonJS, which has `__filename`. What the program was started
 * with is the second place.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

// By its property alone: not every bundler knows `import.meta` as an object.
const url = (import.meta as { readonly url?: string }).url;
const [, main] = process.argv;

/** URLs of files, this module first. */
export const ownPlaces: readonly [string, ...string[]] = [
  url ?? pathToFileURL(__filename).href,
  ...(main !== undefined && isAbsolute(main) ? [pathToFileURL(main).href] : []),
];
