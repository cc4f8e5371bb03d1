/** The check of what `tuner.remark()` is given: an entry that nobody could read would be left out by every view. */
import { SandtuneError } from '../src/foundation/errors.ts';
import { quoted } from '../src/foundation/options.ts';
import type { Remark } from './entries/entries.ts';
import { isReadable } from './history/readable.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no remark */
export function checkRemark(remark: unknown): asserts remark is Remark {
  if (isReadable({ kind: 'remark', session: 0, remark })) return;
  throw new SandtuneError(
    'ERR_SANDTUNE_OPTION',
    `remark(): expected { kind: 'note', code: 'other', title, text }, or a sweep or an accounting with its fields, got ${quoted(remark)}`,
  );
}
