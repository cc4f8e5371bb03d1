/**
 * Patches as edits of the program that made the executor: the file and the line, where these can be found, and
 * else the options to set, and whose they are. Reads one file, of a program that runs from its sources, and
 * that is still the one that runs.
 */
import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OptionSetting } from '../../src/contracts.ts';
import { fileVersion, type MadeAt } from '../../src/executor/made-at.ts';
import type { RemarkOf } from '../entries/entries.ts';
import { editSource } from './edit-source.ts';
import { originalPlace, type SourcePlace } from './original-place.ts';

type Patches = RemarkOf<'patch'>['patches'];

/** What a bundler has written is longer, and nobody edits it. */
const longestBytes = 2 ** 20;

/** @param site where the executor was made; null where that is not known */
export function inSource(site: MadeAt | null, patches: Patches): Patches {
  const [first] = patches.filter(({ patch }) => patch.options !== undefined);
  const options = patches.flatMap(({ patch }) => (patch.file === undefined ? (patch.options ?? []) : []));
  if (site === null || !first || options.length === 0 || !isOfProgram(site.file)) return patches;
  const place = placeIn(site);
  const hunks =
    place === null || site.isShared ? null : editSource(place.source, { ...place, callee: site.callee }, options);
  if (place === null || hunks === null || hunks.length === 0) {
    const where = place === null ? shortPath(site.file) : `${shortPath(place.file)}:${place.line}`;
    return patches.map((one) => placed(one, where));
  }
  return [
    ...hunks.map((hunk) => ({ knob: first.knob, patch: { file: shortPath(place.file), ...hunk } })),
    ...patches.filter(({ patch }) => patch.options === undefined || patch.file !== undefined),
  ];
}

/** The place in what its author wrote; null where that has changed since, is gone, or is none of ours to read. */
function placeIn({ file, line, column, version }: MadeAt): SourcePlace | null {
  try {
    if (version === null || fileVersion(file) !== version || statSync(file).size > longestBytes) return null;
    return originalPlace({ file, source: readFileSync(file, 'utf8'), line, column });
  } catch {
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

/** An option that could not be written, with the place from which it is to be found. */
function placed({ knob, patch }: Patches[number], where: string): Patches[number] {
  if (patch.file !== undefined || patch.options === undefined) return { knob, patch };
  // A pool may have been made in another file than the one that wraps it.
  const of = (one: OptionSetting) =>
    one.argument === 'constructed' ? `${one.of} of the pool that is wrapped in ${where}` : `${one.of} in ${where}`;
  return { knob, patch: { ...patch, options: patch.options.map((one) => ({ ...one, of: of(one) })) } };
}

/** From the folder in which the program runs, where the file lies below that. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
