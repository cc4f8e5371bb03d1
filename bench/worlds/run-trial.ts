/**
 * One full trial in a world: a pre-period gives σ_d, then the trial asks for windows until it has
 * a result. The start gates are passed by, so that every seed counts.
 */
import type { Measured, Settings } from '../../src/contracts.ts';
import type { PairPoint, TrialDesign, TrialResult } from '../../tuner/entries/entries.ts';
import { dipsIn } from '../../tuner/trial/dips.ts';
import { stability } from '../../tuner/trial/stability.ts';
import { stepTrial } from '../../tuner/trial/switchback.ts';
import { baseline, candidate } from './arms.ts';
import { measure, measureAll } from './measure.ts';
import { createWorld } from './simulated.ts';
import { referenceMs, type WorldSpec } from './spec.ts';
import type { World } from './world.ts';

interface TrialRun {
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
async function runTrial(
  world: World,
  arms: Readonly<Record<Measured['arm'], Settings>>,
  design: Partial<TrialDesign> & Pick<TrialDesign, 'seed'>,
): Promise<TrialRun> {
  const base = { ...worldDesign, load: world.executor.load ?? 'closed', ...design };
  const before = await measureAll(world, arms.baseline, preWindows, { forMs: base.windowMs });
  const sigmaD = design.sigmaD ?? stability(before, base.goal.objective).sigmaD;
  const whole: TrialDesign = { ...base, sigmaD, dips: dipsIn(base, before) };
  let seen: readonly Measured[] = [];
  for (;;) {
    const { pairs, step } = stepTrial(whole, seen);
    if ('result' in step) return { design: whole, result: step.result, pairs, seen };
    seen = [...seen, { arm: step.measure, window: await measure(world, arms[step.measure], step) }];
  }
}

/** A trial for each seed. @param arms those of arms.ts when left out */
export async function trialResults(
  spec: WorldSpec,
  design: Partial<TrialDesign>,
  seeds: readonly number[],
  arms: Readonly<Record<Measured['arm'], Settings>> = { baseline, candidate },
): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  for (const seed of seeds) {
    const { result } = await runTrial(createWorld(spec, seed), arms, { ...design, seed });
    results.push(result);
  }
  return results;
}
