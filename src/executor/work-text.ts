/**
 * What an executor runs, as far as that has a text: the source of a function, the digests of modules. Another text is
 * another function; the same text may still do something else, through what it calls or closes over.
 */
import { createHash } from 'node:crypto';
import { processWide } from '../foundation/process-wide.ts';

const digests = processWide('executor-work', () => new WeakMap<object, string>());

export function runsWork(executor: object, text: string): void {
  digests.set(executor, createHash('sha256').update(text).digest('hex').slice(0, 16));
}

/** null where that is not known. */
export function workDigest(executor: object): string | null {
  return digests.get(executor) ?? null;
}

/** Its source; of one that was bound, or is the engine's own, no more than that it is one. */
export function workText(work: (...args: never[]) => unknown): string {
  return Function.prototype.toString.call(work);
}
