/**
 * The rules that end a trial of windows, in their order, after each window.
 *
 *   breaker ▸ no data ▸ what the pairs prove (pair-rules.ts) ▸ max duration ▸ go on
 *
 * Breakers are asked after every window, the other rules after every complete pair. The purpose of a
 * trial is a question to its pairs:
 *   candidate  is it better, and do the guardrails and checks allow a commit
 *   a/a        how large is the noise
 *   hold-back  is it still not worse than `revertAt`
 */
import type { Measured } from '../../src/contracts.ts';
import type { TrialDesign, TrialPurpose } from '../entries/entries.ts';
import { triggers } from '../entries/triggers.ts';
import { tripped } from './breakers.ts';
import { lossAlpha } from './guardrails.ts';
import { type Conclusion, PairRules, type Question, type Vetoes } from './pair-rules.ts';
import { inOrder, type Sorted } from './pairs.ts';

export const questions: Readonly<Record<TrialPurpose, Question>> = {
  candidate: 'better',
  'a/a': 'noise',
  'hold-back': 'not-worse',
};

/** The ending by a breaker, after any window. */
export function breakerEnding(
  design: TrialDesign,
  seen: readonly Measured[],
  between: readonly Measured[],
  rules: PairRules,
): Conclusion | null {
  if (!design.breakers || design.purpose === 'a/a') return null;
  const sign = tripped(design, inOrder(seen, between));
  return (
    sign && {
      verdict: triggers[sign.trigger].harms ? 'worse' : 'inconclusive',
      trigger: sign.trigger,
      reason: sign.reason,
      logE: rules.evidence('less', rules.loss),
    }
  );
}

/** The ending by what the pairs prove, or by want of data or time. Windows between the pairs change nothing of it. */
export function pairsEnding(
  design: TrialDesign,
  seen: readonly Measured[],
  sorted: Sorted,
  rules: PairRules,
): Conclusion | null {
  if (sorted.atPairEnd) {
    const ending = rules.tooManyDropped(sorted) ?? (sorted.droppedInARow > 0 ? null : byPurpose(design, rules));
    if (ending) return ending;
  }
  const spentMs = spentOn(design, seen);
  return spentMs >= design.maxDurationMs ? rules.exhausted('max duration', `${Math.round(spentMs / 1000)} s`) : null;
}

/** @param vetoes computed only where a rule asks for them */
export function rulesOf(design: TrialDesign, sorted: Sorted, vetoes: Vetoes): PairRules {
  return new PairRules(
    { ...design, lossAlpha: lossAlpha(design) },
    sorted.pairs.map((pair) => pair.d),
    vetoes,
  );
}

/** Milliseconds that the trial took. Of a hold-back only its windows count, and not the long gaps between them. */
function spentOn(design: TrialDesign, seen: readonly Measured[]): number {
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return 0;
  if (design.purpose !== 'hold-back') return last.window.endMs - first.window.startMs;
  return seen.reduce((sum, { window }) => sum + window.endMs - window.startMs + design.discardMs, 0);
}

function byPurpose({ purpose, engine, maxPairs }: TrialDesign, rules: PairRules): Conclusion | null {
  if (engine || purpose === 'a/a') return rules.answer(questions[purpose]);
  return rules.done ? rules.inconclusive('futile', `${maxPairs} pairs, and the engine is off`) : null;
}
