/**
 * Patches as edits of the program that made the executor: the file and the line, where these can be found, and
 * else the options to set, and whose they are. Reads one file, of a program that runs from its sources, and
 * that is still the one that runs.
 */
import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileVersion, type MadeAt } from '../../src/executor/made-at.ts';
import type { RemarkOf } from '../entries/entries.ts';
import { editSource } from './edit-source.ts';
import type { Hunk } from './hunks.ts';
import { originalPlace } from './original-place.ts';

type Patches = RemarkOf<'patch'>['patches'];

/** What a bundler has written is longer, and nobody edits it. */
const longestBytes = 2 ** 20;

/** @param site where the executor was made; null where that is not known */
export function inSource(site: MadeAt | null, patches: Patches): Patches {
  const [first] = patches.filter(({ patch }) => patch.options !== undefined);
  const options = patches.flatMap(({ patch }) => (patch.file === undefined ? (patch.options ?? []) : []));
  if (site === null || !first || options.length === 0 || !isOfProgram(site.file)) return patches;
  const edited = editsIn(site, options);
  if (edited === null) return patches.map((one) => placed(one, shortPath(site.file)));
  return [
    ...edited.hunks.map((hunk) => ({ knob: first.knob, patch: { file: shortPath(edited.file), ...hunk } })),
    ...patches.filter(({ patch }) => patch.options === undefined || patch.file !== undefined),
  ];
}

function editsIn(
  { file, line, column, callee, version }: MadeAt,
  options: Parameters<typeof editSource>[2],
): { readonly file: string; readonly hunks: readonly Hunk[] } | null {
  try {
    if (version === null || fileVersion(file) !== version || statSync(file).size > longestBytes) return null;
    const place = originalPlace({ file, source: readFileSync(file, 'utf8'), line, column });
    const hunks = place && editSource(place.source, { ...place, callee }, options);
    return place && hunks && hunks.length > 0 ? { file: place.file, hunks } : null;
  } catch {
    // The file is gone, or is none of ours to read.
    return null;
  }
}

/** A package that makes executors, and what a bundler made of this very file, are not what the user writes. */
function isOfProgram(file: string): boolean {
  return !/[\\/]node_modules[\\/]/.test(file) && file !== ownFile();
}

function ownFile(): string | null {
  try {
    return fileURLToPath(import.meta.url);
  } catch {
    return null;
  }
}

/** An option without a line, with the file in which it is to be found. */
function placed({ knob, patch }: Patches[number], file: string): Patches[number] {
  if (patch.file !== undefined || patch.options === undefined) return { knob, patch };
  return { knob, patch: { ...patch, options: patch.options.map((one) => ({ ...one, of: `${one.of} in ${file}` })) } };
}

/** From the folder in which the program runs, where the file lies below that. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
