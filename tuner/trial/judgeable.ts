/**
 * Guardrails that the calls of a trial can judge. One that a user wrote stays as it is. A default one that
 * cannot be judged within half of `maxDurationMs` gives way to the tightest of its ladder that can be:
 *
 *   p99 ▸ p95 ▸ p90 within 10 %      errors within 0.1 ▸ 0.5 ▸ 1 pp      p50 within 2 ▸ 5 ▸ 10 %
 *
 * Half, because what is planned for a metric that does as well as it should takes longer for one that
 * does a little worse. What was wished stands beside what it became, in the design and wherever it is shown.
 */
import type { Guardrail, Window } from '../../src/contracts.ts';
import type { TrialDesign } from '../entries/entries.ts';
import { guardrailLadders } from '../goal.ts';
import { shortages } from './plan.ts';

/** The design with the guardrails that stand in, and how far these are from what was wished: 0 is as wished. */
export interface Judgeable {
  readonly design: TrialDesign;
  readonly loosened: number;
}

/** @param predicted gain of the objective, a fraction; 0: nobody predicted one */
export function withJudgeable(design: TrialDesign, baseline: readonly Window[], predicted: number): Judgeable {
  const inHalf = shortages({ ...design, maxDurationMs: design.maxDurationMs / 2 }, baseline, predicted);
  const inAll = shortages(design, baseline, predicted);
  let loosened = 0;
  const guardrails = design.goal.guardrails.map((wished) => {
    const ladder = ladderOf(wished);
    const found = ladder.findIndex((one) => inHalf(one) === null);
    const step = found < 0 ? ladder.length - 1 : found;
    const one = ladder[step] ?? wished;
    // One that stays open weighs more than any loosening.
    loosened += inAll(one) === null ? step : open;
    return one;
  });
  return { design: { ...design, goal: { ...design.goal, guardrails } }, loosened };
}

const open = 100;

/** The guardrail itself, and what may stand in for it, tightest first. */
function ladderOf(wished: Guardrail): readonly Guardrail[] {
  if (wished.kind !== 'relative' || !wished.isDefault) return [wished];
  return guardrailLadders.find(([tightest]) => tightest?.metric === wished.metric) ?? [wished];
}
