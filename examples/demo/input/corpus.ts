/**
 * Real input for the demo: the JavaScript and text files below a folder, read into memory once.
 *
 *   folder ──▶ paths, sorted ──▶ evenly thinned to `maxFiles` ──▶ first 64 KiB of each ──▶ Corpus
 *
 * Each file gets an ArrayBuffer of exactly its size: a structured clone copies the whole buffer
 * behind a view, and a Buffer of Node's pool would drag its neighbours along.
 */
import type { Dirent } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { inputError } from './input-error.ts';

export interface CorpusOptions {
  /** Folder to read. @defaultValue the installed node_modules */
  readonly dir?: string;
  /** Fewer files than this is an error. @defaultValue 200 */
  readonly minFiles?: number;
  /** Fewer bytes than this is an error. @defaultValue 1 MiB */
  readonly minBytes?: number;
  /** Of more files, this many are taken, evenly over the sorted paths. @defaultValue 3000 */
  readonly maxFiles?: number;
}

export interface CorpusFile {
  /** Relative to the folder. */
  readonly path: string;
  /** At most the first `maxFileBytes` of the file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A whole JavaScript file, which can be lexed. */
  readonly script: boolean;
}

export interface Corpus {
  readonly dir: string;
  readonly files: readonly CorpusFile[];
  /** Those of `files` that can be lexed. */
  readonly scripts: readonly CorpusFile[];
  readonly totalBytes: number;
  /** Files that were longer than `maxFileBytes` and are here with their beginning only. */
  readonly cutCount: number;
  /** Files of the wanted kinds there were below the folder, taken or not. */
  readonly foundCount: number;
}

export const maxFileBytes = 64 * 1024;
export const corpusDefaults = Object.freeze({ minFiles: 200, minBytes: 1024 * 1024, maxFiles: 3000 });

const scriptKinds = ['.js', '.mjs', '.cjs'];
const kinds = new Set([...scriptKinds, '.ts', '.md', '.json', '.txt']);
/** A walk that has seen so many entries stops: somebody said `--dir /`. */
const maxEntries = 100_000;

/** The folder the packages of this program were installed in. */
const installedModules = new URL('../../../node_modules', import.meta.url).pathname;

/** @throws {SandtuneError} ERR_SANDTUNE_INPUT when the folder cannot be read or holds too little */
export async function loadCorpus(options: CorpusOptions = {}): Promise<Corpus> {
  const { dir = installedModules, minFiles, minBytes, maxFiles } = { ...corpusDefaults, ...options };
  const found = await findFiles(dir);
  const step = Math.max(1, found.length / maxFiles);
  const taken = Array.from({ length: Math.min(found.length, maxFiles) }, (_, i) => found[Math.floor(i * step)] ?? '');
  const files: CorpusFile[] = [];
  let totalBytes = 0;
  let cutCount = 0;
  for (const path of taken) {
    const read = await readBeginning(join(dir, path));
    if (read === undefined || read.bytes.length === 0) continue;
    files.push({ path, bytes: read.bytes, script: !read.cut && scriptKinds.includes(extname(path)) });
    totalBytes += read.bytes.length;
    if (read.cut) cutCount++;
  }
  const scripts = files.filter((file) => file.script);
  if (files.length < minFiles || totalBytes < minBytes || scripts.length === 0) {
    throw inputError(
      `${dir}: expected at least ${minFiles} files (${[...kinds].join(' ')}) with ${kib(minBytes)} in all, ` +
        `one of them JavaScript; got ${files.length} files with ${kib(totalBytes)}, ${scripts.length} of them JavaScript. ` +
        'Give a larger folder with --dir',
    );
  }
  return { dir, files, scripts, totalBytes, cutCount, foundCount: found.length };
}

/** Relative paths of the wanted kinds, in the order of a sorted walk; links are not followed. */
async function findFiles(dir: string): Promise<string[]> {
  const found: string[] = [];
  let entryCount = 0;
  async function walk(folder: string): Promise<void> {
    for (const entry of await list(join(dir, folder), folder === '')) {
      if (++entryCount > maxEntries) return;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') await walk(path);
      else if (entry.isFile() && kinds.has(extname(entry.name))) found.push(path);
    }
  }
  await walk('');
  return found;
}

async function list(folder: string, isRoot: boolean): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    // A folder below that may not be read is not input; the one the user named must be.
    if (isRoot) throw inputError(`${folder}: expected a folder that can be read`, cause);
    return [];
  }
}

/** At most `maxFileBytes` of a file, in a buffer of its own; undefined when it cannot be read. */
async function readBeginning(path: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; cut: boolean } | undefined> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, maxFileBytes));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return { bytes: bytesRead === bytes.length ? bytes : bytes.slice(0, bytesRead), cut: size > maxFileBytes };
  } catch {
    return undefined;
  }
}

function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}
