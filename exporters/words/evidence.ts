/** What an e-value says to somebody who never saw one. */
import type { TrialResult, Trigger } from '../../tuner/entries/entries.ts';
import { triggers } from '../../tuner/entries/triggers.ts';
import { groupedText } from './numbers.ts';

/** The e-value as odds; a breaker acts before anything can be proven. */
export function evidenceText({ trigger, eValue }: Evidence): string {
  if (trigger !== null && triggers[trigger].judgedBy === 'breaker') return 'a breaker: it does not wait for proof';
  return eValue === null ? 'none' : oddsText(eValue);
}

interface Evidence {
  readonly trigger: Trigger | null;
  readonly eValue: TrialResult['eValue'] | null;
}

/**
 * What an e-value says, by Ville's inequality: under the null it reaches E with probability ≤ 1/E.
 * @see Ramdas et al., "Admissible anytime-valid sequential inference", arXiv 2009.03167, section 2
 */
export function oddsText(eValue: number): string {
  if (Number.isNaN(eValue)) return 'no evidence recorded';
  if (eValue < 2) return 'chance would show as much';
  if (eValue >= 1e9) return 'by chance less than once in a billion';
  return `by chance at most once in ${groupedText(eValue)}`;
}
