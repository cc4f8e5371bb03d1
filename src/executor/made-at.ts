/** Where in a program an executor was made: the place to write a setting that is to last. */
import type { CallSite } from '../foundation/call-site.ts';
import { processWide } from '../foundation/process-wide.ts';

const places = processWide('executor-made-at', () => new WeakMap<object, CallSite>());

export function wasMadeAt(executor: object, site: CallSite | null): void {
  if (site !== null) places.set(executor, site);
}

/** null where that is not known. */
export function madeAt(executor: object): CallSite | null {
  return places.get(executor) ?? null;
}
