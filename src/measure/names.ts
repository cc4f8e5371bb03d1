/** Every name sandtune gives to OpenTelemetry. Attribute names are lower case; units are in the name. */
import { stageNames } from './stages.ts';

export const instrumentationName = 'sandtune';

export const spanNames = {
  call: 'sandbox.call',
  start: 'sandbox.start',
  trial: 'tuner.trial',
  decision: 'tuner.decision',
} as const;

export const attributeNames = {
  executor: 'sandtune.executor',
  function: 'sandtune.function',
  epoch: 'sandtune.epoch',
  outcome: 'sandtune.outcome',
  errorCode: 'sandtune.error.code',
  errorStage: 'sandtune.error.stage',
  trial: 'sandtune.trial',
  purpose: 'sandtune.trial.purpose',
  baseline: 'sandtune.trial.baseline',
  candidate: 'sandtune.trial.candidate',
  pairs: 'sandtune.trial.pairs',
  verdict: 'sandtune.trial.verdict',
  effect: 'sandtune.trial.effect',
  effectLow: 'sandtune.trial.effect_low',
  effectHigh: 'sandtune.trial.effect_high',
  eValue: 'sandtune.trial.e_value',
  decision: 'sandtune.decision',
  trigger: 'sandtune.decision.trigger',
  settings: 'sandtune.settings',
} as const;

/** Attribute of each stage's time, in the order of `stageNames`: sandtune.stage.wake_up_ms. */
export const stageAttributeNames: readonly string[] = stageNames.map(
  (name) => `sandtune.stage.${name.replace('-', '_')}_ms`,
);
