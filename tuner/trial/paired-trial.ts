/**
 * A trial of plain numbers, such as figures of a benchmark that two builds ran in processes of their
 * own. Windows of an executor have another trial (switchback.ts), which ends by the same rules
 * (pair-rules.ts).
 *
 *   seen (one number an arm, pairs in coin order) ──▶ d of each pair ── rules ──▶ the next arm, or the verdict
 *
 * The trial is pure: the same design and numbers give the same answer.
 */
import type { Reading, Trial, TrialStep } from '../../src/contracts.ts';
import { effectOf, type PairDesign, PairRules, type Question } from './pair-rules.ts';
import { pairUp } from './pair-up.ts';
import { orderOf } from './schedule.ts';

export interface PairedTrialDesign extends Omit<PairDesign, 'lossAlpha'> {
  /** Seed of the coins that order the pairs. */
  readonly seed: number;
  readonly question: Question;
  /** Whether higher or lower numbers are better. */
  readonly better: 'higher' | 'lower';
}

export function pairedTrial(design: PairedTrialDesign): Trial {
  return { next: (seen) => stepOf(design, seen) };
}

function stepOf(design: PairedTrialDesign, seen: readonly Reading[]): TrialStep {
  if (seen.length % 2 === 0) {
    const sorted = pairUp(seen, 0, (first, second) => differenceOf(design, first, second));
    const rules = new PairRules({ ...design, lossAlpha: design.alpha }, sorted.pairs);
    const ending = rules.tooManyDropped(sorted) ?? (sorted.droppedInARow > 0 ? null : rules.answer(design.question));
    if (ending)
      return {
        verdict: ending.verdict,
        effect: effectOf(design.question, design, sorted.pairs),
        eValue: Math.min(Number.MAX_VALUE, Math.exp(ending.logE)),
        reason: ending.reason,
      };
  }
  const second = seen.length % 2 === 1;
  return { measure: (orderOf(design, Math.floor(seen.length / 2)) === 'AB') === second ? 'candidate' : 'baseline' };
}

/** log(candidate / baseline), + is better; null where the readings are not of two arms or have no finite log ratio. */
function differenceOf({ better }: PairedTrialDesign, first: Reading, second: Reading): number | null {
  if (first.arm === second.arm) return null;
  const [baseline, candidate] = first.arm === 'baseline' ? [first, second] : [second, first];
  const d = Math.log(candidate.value / baseline.value);
  if (!Number.isFinite(d)) return null;
  return better === 'higher' ? d : -d;
}
