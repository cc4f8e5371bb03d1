/**
 * The start gates: a prediction gets a trial only if it promises enough, and if a trial can prove as
 * much in the pairs and the time allowed.
 */
import type { Settings } from '../../src/contracts.ts';
import type { NotTriedCode, Sealed } from '../entries/entries.ts';
import { isCheaper } from '../entries/settings.ts';
import { type DesignFacts, designOf } from './design.ts';
import { pairsNeeded, unjudgeable } from './plan.ts';

export interface Refusal {
  readonly code: NotTriedCode;
  readonly reason: string;
}

/** The reason why a prediction gets no trial; null when it gets one. @param nowMs on the session's own clock */
export function refuse(facts: DesignFacts, nowMs: number, settings: Settings, predicted: Sealed): Refusal | null {
  const saves = isCheaper(facts.session.knobs, facts.current, settings);
  return promiseOf(facts, predicted, saves) ?? powerOf(facts, nowMs, settings, predicted, saves);
}

function promiseOf({ session }: DesignFacts, { risk, gain, pGain }: Sealed, saves: boolean): Refusal | null {
  const { revertAt, minGain, minProbability } = session.options;
  const estimate = gain.estimate.toFixed(3);
  if (risk === 'high') return { code: 'high-risk', reason: 'risk is high' };
  if (saves) {
    if (gain.estimate > revertAt) return null;
    return { code: 'predicted-loss', reason: `predicted loss ${estimate} is beyond revertAt ${revertAt}` };
  }
  if (gain.estimate <= minGain)
    return { code: 'small-gain', reason: `predicted gain ${estimate} is not above minGain ${minGain}` };
  if (pGain > minProbability) return null;
  return {
    code: 'unlikely-gain',
    reason: `P(gain) ${pGain.toFixed(2)} is not above minProbability ${minProbability}`,
  };
}

function powerOf(
  facts: DesignFacts,
  nowMs: number,
  settings: Settings,
  predicted: Sealed,
  saves: boolean,
): Refusal | null {
  const { options } = facts.session;
  const design = designOf(facts, nowMs, 'candidate', settings);
  const pairs = pairsNeeded(design, saves ? Math.abs(options.revertAt) : predicted.gain.estimate);
  const neededMs = pairs * 2 * (design.windowMs + design.discardMs);
  if (pairs > options.maxPairs)
    return {
      code: 'too-many-pairs',
      reason: `${pairs} pairs would be needed at this noise (σ of a pair ${design.sigmaD.toFixed(3)}), maxPairs is ${options.maxPairs}`,
    };
  if (neededMs > options.maxDurationMs)
    return {
      code: 'too-long',
      reason: `${Math.ceil(neededMs / 1000)} s would be needed, maxDurationMs is ${options.maxDurationMs}`,
    };
  const unjudged = options.mode === 'auto' ? unjudgeable(design, facts.reference.windows) : [];
  if (unjudged.length === 0) return null;
  return {
    code: 'unjudgeable',
    reason: `cannot be judged in maxDurationMs, so not in mode auto: ${unjudged.join('; ')}`,
  };
}
