/** One setting twice, with real flips: how much its pairs vary is what is called noise from now on. */
import { pairSigma, reachableAlpha, smallestEffect } from '../../trial/noise.ts';
import type { PhaseOf, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

/** Pairs from which their own spread is better than that of the windows at rest. */
const fewestForSigma = 6;
/** Fewer pairs than this say nothing about noise. */
const fewestForNoise = 3;
/** Where pairs do not come although calls do, trials go on without. */
const mostTries = 3;

export function enter(step: StepBuilder): Step {
  const { current } = step.state;
  const run = step.begin('a/a', current, current);
  return step.warm({ kind: 'noise', run }, run);
}

export function on(step: StepBuilder, phase: PhaseOf<'noise'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.giveUp(event);
  const { run, next } = step.advance(phase.run, event.kind === 'measured' ? event : null);
  if ('measure' in next) return step.measureArm({ kind: 'noise', run }, run, next);
  const { result } = next;
  step.record({ kind: 'verdict', trial: run.trial, result });
  const { reference, noise, session } = step.state;
  const { alpha, maxPairs, noisePairs } = session.options;
  const tries = noise.tries + 1;
  const tooFew = run.pairs.length < Math.min(fewestForNoise, noisePairs);
  step.change({ noise: { known: !tooFew || tries >= mostTries, tries } });
  // Nothing to learn the noise from: a new reference, then once more.
  if (!step.state.noise.known) return { enter: 'observing', windows: [] };
  const sigmaD = run.pairs.length < fewestForSigma ? reference.sigmaD : pairSigma(run.pairs.map((pair) => pair.d));
  step.change({ reference: { ...reference, sigmaD } });
  step.record({
    kind: 'noise',
    trial: run.trial,
    pairs: result.pairs,
    floor: smallestEffect(sigmaD, reachableAlpha(alpha, result.pairs), result.pairs),
    fullTrial: { pairs: maxPairs, floor: smallestEffect(sigmaD, alpha, maxPairs) },
    effect: result.effect,
  });
  return { enter: 'choosing' };
}
