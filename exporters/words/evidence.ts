/** What an e-value says to somebody who never saw one. */
import type { TrialPurpose, TrialResult, Trigger } from '../../tuner/entries/entries.ts';
import { triggers } from '../../tuner/entries/triggers.ts';
import { groupedText } from './numbers.ts';

/** An e-value below it is told as no evidence: chance gives such odds every other time. */
export const leastOdds = 2;

/**
 * The e-value as odds, where the verdict rests on it. It does not where a breaker or a limit ended the
 * trial, nor where nothing was proven: odds beside such an ending would be those of another question.
 */
export function evidenceText({ purpose, trigger, eValue }: Evidence): string {
  const judgedBy = trigger === null ? null : triggers[trigger].judgedBy;
  if (judgedBy === 'breaker') return 'a breaker: it does not wait for proof';
  if (judgedBy === 'guardrail' && trigger !== null)
    return triggers[trigger].harms ? 'proven on a limit, not on the objective' : 'none: both settings break a limit';
  if (eValue === null) return 'none';
  if (purpose === 'a/a' || restsOnEValue({ trigger, eValue })) return oddsText(eValue);
  return trigger === null ? 'no sign of a gain yet' : 'not proven either way';
}

/**
 * The verdict as a word that stands beside an effect: 'worse' only where the engine has proven it of the
 * metric. A breaker proves nothing, and a limit is of another metric.
 */
export function verdictText({ verdict, trigger }: Pick<TrialResult, 'verdict' | 'trigger'>): string {
  switch (triggers[trigger].judgedBy) {
    case 'breaker':
      return 'stopped by a breaker';
    case 'guardrail':
      return triggers[trigger].harms ? 'worse on a limit' : 'breaks a limit, as before';
    default:
      return verdict;
  }
}

/** True where the e-value is that of what was decided, and says something. */
export function restsOnEValue({ trigger, eValue }: Evidence): boolean {
  const judgedBy = trigger === null ? null : triggers[trigger].judgedBy;
  return eValue !== null && eValue >= leastOdds && judgedBy !== 'breaker' && judgedBy !== 'guardrail';
}

interface Evidence {
  /** @defaultValue the trial of a candidate */
  readonly purpose?: TrialPurpose;
  readonly trigger: Trigger | null;
  readonly eValue: TrialResult['eValue'] | null;
}

/**
 * What an e-value says, by Ville's inequality: under the null it reaches E with probability ≤ 1/E.
 * @see Ramdas et al., "Admissible anytime-valid sequential inference", arXiv 2009.03167, section 2
 */
export function oddsText(eValue: number): string {
  if (Number.isNaN(eValue)) return 'no evidence recorded';
  if (eValue < leastOdds) return 'chance would show as much';
  if (eValue >= 1e9) return 'by chance less than once in a billion';
  return `by chance at most once in ${groupedText(eValue)}`;
}
