/**
 * Patches as edits of the program that made the executor: the file and the line, where these can be found, and
 * else the options to set. Reads one file, of a program that runs from its sources.
 */
import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { CallSite } from '../../src/foundation/call-site.ts';
import type { RemarkOf } from '../entries/entries.ts';
import { editSource } from './edit-source.ts';

type Patches = RemarkOf<'patch'>['patches'];

/** What a bundler has written is longer, and nobody edits it. */
const longestBytes = 2 ** 20;

/** @param site where the executor was made; null where that is not known */
export function inSource(site: CallSite | null, patches: Patches): Patches {
  if (site === null) return patches;
  const options = patches.flatMap(({ patch }) => (patch.file === undefined ? (patch.options ?? []) : []));
  const [first] = patches.filter(({ patch }) => patch.options !== undefined);
  const hunks = options.length === 0 || !first ? null : editsOf(site, options);
  if (hunks === null || !first) return patches;
  const file = relative(process.cwd(), site.file);
  return [
    ...hunks.map((hunk) => ({ knob: first.knob, patch: { file: file.startsWith('..') ? site.file : file, ...hunk } })),
    ...patches.filter(({ patch }) => patch.options === undefined || patch.file !== undefined),
  ];
}

function editsOf(site: CallSite, options: Parameters<typeof editSource>[2]): ReturnType<typeof editSource> {
  try {
    if (statSync(site.file).size > longestBytes) return null;
    const hunks = editSource(readFileSync(site.file, 'utf8'), site, options);
    return hunks && hunks.length > 0 ? hunks : null;
  } catch {
    // The file is gone, or is none of ours to read.
    return null;
  }
}
