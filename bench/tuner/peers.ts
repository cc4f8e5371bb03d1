/**
 * What people do instead, in the same worlds. `before/after`: one window before the change, one
 * after; kept unless it looks worse by 2 % or more. `fixed defaults`: nothing is ever changed.
 */
import { objectiveOf } from '../../tuner/trial/metric.ts';
import { baseline, candidate } from '../worlds/arms.ts';
import { measure } from '../worlds/measure.ts';
import { worldDesign } from '../worlds/run-trial.ts';
import type { World } from '../worlds/world.ts';

/** Threshold of the rule, as it stands in many deployment scripts. */
const keepFrom = -0.02;

export interface RuleOutcome {
  readonly kept: boolean;
  /** The rule would tell its owner that the change is an improvement. */
  readonly claimsBetter: boolean;
}

/** @param world with the arms of arms.ts */
export async function beforeAfter(world: World): Promise<RuleOutcome> {
  const span = { discardMs: worldDesign.discardMs, forMs: worldDesign.windowMs } as const;
  const { objective } = worldDesign.goal;
  const before = objectiveOf(objective, await measure(world, baseline, span)) ?? 0;
  const after = objectiveOf(objective, await measure(world, candidate, span)) ?? 0;
  const change = after / before - 1;
  return { kept: change > keepFrom, claimsBetter: change > -keepFrom };
}
