/**
 * One full trial in a world: a pre-period gives σ_d, then the trial asks for windows until it has
 * a result. The start gates are passed by, so that every seed counts.
 */
import type { Measured } from '../../src/contracts.ts';
import type { PairPoint, TrialDesign, TrialResult } from '../../tuner/entries/entries.ts';
import { stability } from '../../tuner/trial/stability.ts';
import { stepTrial } from '../../tuner/trial/switchback.ts';
import { createPlant } from './plant.ts';
import { referenceMs, type World } from './world.ts';

export interface TrialRun {
  readonly design: TrialDesign;
  readonly result: TrialResult;
  readonly pairs: readonly PairPoint[];
  readonly seen: readonly Measured[];
}

/** The tuner's defaults, without guardrails: those could only make a commit rarer, and so hide false ones. */
export const worldDesign: Omit<TrialDesign, 'seed' | 'load' | 'sigmaD'> = Object.freeze({
  purpose: 'candidate',
  goal: { objective: { metric: 'throughput', direction: 'maximize' }, guardrails: [] },
  windowMs: referenceMs,
  jitterFraction: 0.2,
  discardMs: 0.1 * referenceMs,
  minCompletions: 50,
  rampPairs: 1,
  alpha: 0.01,
  commitAlpha: 0.01,
  revertAt: -0.02,
  cheaper: false,
  maxPairs: 60,
  maxDurationMs: 600_000,
  engine: true,
  breakers: true,
} as const);

const preWindows = 20;

/** @param design what differs from `worldDesign` */
export function runTrial(world: World, design: Partial<TrialDesign>, seed: number): TrialRun {
  const plant = createPlant(world, seed);
  const base = { ...worldDesign, load: world.load, seed, ...design };
  const before = Array.from(
    { length: preWindows },
    () => plant.measure('baseline', { discardMs: 0, forMs: base.windowMs }).window,
  );
  const whole: TrialDesign = { ...base, sigmaD: design.sigmaD ?? stability(before, base.goal.objective).sigmaD };
  const seen: Measured[] = [];
  for (;;) {
    const { pairs, step } = stepTrial(whole, seen);
    if ('result' in step) return { design: whole, result: step.result, pairs, seen };
    seen.push(plant.measure(step.measure, step));
  }
}
