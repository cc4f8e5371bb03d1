/** How the values of a claim are computed anew, and what all such ways need. */
import type { ClaimData } from '../../../exporters/index.ts';
import type { LedgerFacts } from './ledger-facts.ts';

export type Values = Readonly<Record<string, number>>;
export type Recompute = (facts: LedgerFacts, claim: ClaimData) => Values;

/** The first item. @throws when there is none, since then nothing says what is claimed */
export function only<T>(items: readonly T[]): T {
  const [one] = items;
  if (one === undefined) throw new Error('the entry that is cited does not say so');
  return one;
}
