/**
 * Two copies of piscina in one tree. Workers run the file of the copy that made their pool; where their code
 * imports another, that other copy does not know that it is in a worker: its `workerData` is undefined and
 * what its `move()` marks is copied, without a word.
 */
import { quoted } from '../../foundation/options.ts';

// webpack warns of a require that it cannot follow.
const { createRequire } = process.getBuiltinModule('node:module');

/** Files for which it has been said. */
const said = new Set<string>();

/** Says, once for each file of workers, that they would find another copy than `Piscina`. Never throws. */
export function warnOfOtherCopy(filename: unknown, Piscina: unknown): void {
  if (typeof filename !== 'string' || said.has(filename)) return;
  const other = otherCopy(filename, Piscina);
  if (other === undefined) return;
  said.add(filename);
  process.emitWarning(
    `wrap({ piscina }): workers of ${quoted(filename)} would import piscina from ${quoted(other)}, and their pool is made by another copy of it: workerData is undefined there and move() copies. Hand over the program's own: wrap({ piscina, Piscina }).`,
    { type: 'SandtuneWarning', code: 'SANDTUNE_PISCINA' },
  );
}

/** Where another copy lies; undefined where it is the same, or workers find none. */
function otherCopy(filename: string, Piscina: unknown): string | undefined {
  try {
    const require = createRequire(filename);
    const path = require.resolve('piscina');
    const found = require(path) as { readonly Piscina?: unknown };
    return found.Piscina === Piscina ? undefined : path;
  } catch {
    // A file that workers get in another way, or that finds no piscina.
    return undefined;
  }
}
