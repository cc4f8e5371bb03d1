/** What a sandbox's guest does with bytes: as the peers' workers. */
import { flipped } from './request.ts';

export function bind(exports: { readonly mix: (n: number, seed: number) => number }) {
  return { mix: exports.mix, flip: (_: number, bytes: Uint8Array<ArrayBuffer>) => flipped(bytes) };
}
