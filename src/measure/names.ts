/**
 * Every name sandtune gives to OpenTelemetry: one prefix, no unit in a name. Durations are seconds.
 * `error.type` is the semantic conventions' own, by which back ends group what failed.
 */
import { version } from '../foundation/version.ts';
import { stageNames } from './stages.ts';

/** The scope of all spans: who made them, in which version, by which conventions. */
export const instrumentation = {
  name: 'sandtune',
  version,
  /** Of the conventions that `error.type` and the exception events follow. */
  schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
} as const;

export const spanNames = {
  call: 'sandtune.call',
  start: 'sandtune.cold_start',
  trial: 'sandtune.trial',
  decision: 'sandtune.decision',
  source: 'sandtune.stream.source',
  batch: 'sandtune.stream.batch',
} as const;

export const metricNames = {
  stageUtilization: 'sandtune.stream.stage.utilization',
  stageSlowest: 'sandtune.stream.stage.slowest',
  records: 'sandtune.stream.records',
  bufferRecords: 'sandtune.stream.buffer.records',
  bufferUsage: 'sandtune.stream.buffer.usage',
  bufferLimit: 'sandtune.stream.buffer.limit',
} as const;

export const attributeNames = {
  executor: 'sandtune.executor',
  function: 'sandtune.function',
  epoch: 'sandtune.epoch',
  outcome: 'sandtune.outcome',
  errorType: 'error.type',
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
  allCalls: 'sandtune.trial.all_calls',
  eValue: 'sandtune.trial.e_value',
  decision: 'sandtune.decision',
  trigger: 'sandtune.decision.trigger',
  settings: 'sandtune.settings',
  partition: 'sandtune.stream.partition',
  streamStage: 'sandtune.stream.stage',
  stageState: 'sandtune.stream.stage.state',
  records: 'sandtune.stream.records',
} as const;

/** Attribute of each stage's time, in the order of `stageNames`: sandtune.stage.wake_up. Seconds. */
export const stageAttributeNames: readonly string[] = stageNames.map(
  (name) => `sandtune.stage.${name.replace('-', '_')}`,
);
