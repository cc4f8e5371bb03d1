/**
 * The distributions of many windows as one, where more windows keep coming: after each of them all that came so
 * far are asked again, and merging them anew took tens of milliseconds of the host's thread.
 *
 *   [a b c d e] ── (ab cd) e ── (abcd) e ──▶ one distribution; with f: (abcd) is known, (ef) is not
 *
 * A list is merged in blocks of 2, 4, 8 … from its beginning, and a block never changes once it is whole, so that one
 * more window costs a few merges and not one for each before it. A block is kept beside its first half, as long as
 * somebody holds that. What is kept changes what a merge costs and never what it returns.
 */
import type { Distribution } from '../../src/contracts.ts';
import { emptyDistribution, mergeDistributions } from '../../src/measure/distribution.ts';

/** What a distribution was last merged with, and what came of it. */
const blocks = new WeakMap<Distribution, { readonly second: Distribution; readonly merged: Distribution }>();

/** All samples of `list` in one distribution, in which equal lists of the same distributions always come to the same. */
export function mergedInBlocks(list: readonly Distribution[]): Distribution {
  const some = list.filter(({ count }) => count > 0);
  return some.length === 0 ? emptyDistribution : mergedRange(some, 0, some.length);
}

function mergedRange(list: readonly Distribution[], from: number, to: number): Distribution {
  const length = to - from;
  if (length === 1) return list[from] as Distribution;
  const middle = from + 2 ** Math.ceil(Math.log2(length) - 1);
  const first = mergedRange(list, from, middle);
  const second = mergedRange(list, middle, to);
  const isWhole = length === 2 * (middle - from);
  // The last block is not whole yet: it will not be asked for again once another window has come.
  if (!isWhole) return mergeDistributions([first, second]);
  const known = blocks.get(first);
  if (known?.second === second) return known.merged;
  const merged = mergeDistributions([first, second]);
  blocks.set(first, { second, merged });
  return merged;
}
