/** The a/a trial: it runs one setting twice, with real changes of arm, and the spread of its pairs is the noise. */
import { reachableAlpha, smallestEffect } from '../../trial/noise.ts';
import { pairSigma } from '../../trial/pair-sigma.ts';
import { pairsInTime } from '../../trial/plan.ts';
import type { PhaseOf, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

/** From this many pairs on their own spread estimates σ_d better than the windows at rest do. */
const fewestForSigma = 6;
/** An a/a trial with fewer pairs than this is done again. */
const fewestForNoise = 3;
/** After this many a/a trials with too few pairs, candidates get their trials without one. */
const mostTries = 3;

export function enter(step: StepBuilder): Step {
  const { current } = step.state;
  const run = step.begin({ purpose: 'a/a' }, current, current);
  return step.warm({ kind: 'noise', run }, run);
}

export function on(step: StepBuilder, phase: PhaseOf<'noise'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.giveUp(event);
  const { run, next } = step.advance(phase.run, event.kind === 'measured' ? event : null);
  if ('measure' in next) return step.measureArm({ kind: 'noise', run }, run, next);
  const { result } = next;
  step.record({ kind: 'verdict', trial: run.trial, result });
  const { reference, noise, session } = step.state;
  const { alpha, noisePairs } = session.options;
  const fullPairs = pairsInTime(run.design);
  const tries = noise.tries + 1;
  const tooFew = run.pairs.length < Math.min(fewestForNoise, noisePairs);
  step.change({ noise: { known: !tooFew || tries >= mostTries, tries } });
  // Too few pairs say nothing of the noise: a new reference is taken, then the a/a trial is done again.
  if (!step.state.noise.known) return { enter: 'observing', windows: [] };
  const sigmaD = run.pairs.length < fewestForSigma ? reference.sigmaD : pairSigma(run.pairs.map((pair) => pair.d));
  step.change({ reference: { ...reference, sigmaD } });
  step.record({
    kind: 'noise',
    trial: run.trial,
    pairs: result.pairs,
    floor: smallestEffect(sigmaD, reachableAlpha(alpha, result.pairs), result.pairs),
    fullTrial: { pairs: fullPairs, floor: smallestEffect(sigmaD, alpha, fullPairs) },
    effect: result.effect,
  });
  return { enter: 'choosing' };
}
