/** The package entry `sandtune`: what runs and measures. Nothing reached from here tunes anything. */

export { wrap } from './adapters/wrap.ts';
export type { WrappableBatchFunction, WrappableFunction } from './adapters/wrap-function.ts';
export {
  type BatchOptions,
  type Bounds,
  type WrapBatchOptions,
  type WrapFunctionOptions,
  type WrapOptions,
  type WrapPoolOptions,
  wrapDefaults,
} from './adapters/wrap-options.ts';
export type { PiscinaOptions } from './adapters/wrap-piscina.ts';
export type { PoolCallOptions, WrappedPool } from './adapters/wrap-pool.ts';
export type { Wrapped } from './adapters/wrapped.ts';
export type {
  CacheUse,
  CallOptions,
  Distribution,
  Executor,
  FunctionCounts,
  Goal,
  GuardedMetric,
  Guardrail,
  Interval,
  Knob,
  KnobSpec,
  Ledger,
  Load,
  Measured,
  Move,
  NumericRange,
  Objective,
  OpenWindow,
  Outcome,
  OutcomeCounts,
  Patch,
  Predict,
  Prediction,
  Probe,
  Proposal,
  Reading,
  Seen,
  Settings,
  SettingValue,
  Stage,
  Trial,
  TrialStep,
  Verdict,
  Window,
  Work,
} from './contracts.ts';
export { outcomes } from './contracts.ts';
export type { Clock, Timers } from './foundation/clock.ts';
export { type ErrorCode, isSandtuneError, SandtuneError, type SandtuneErrorDetail } from './foundation/errors.ts';
export type { RandomSource } from './foundation/random.ts';
export type { EnvironmentVariables, Meters, Surroundings } from './foundation/surroundings.ts';
export type { Series } from './measure/call.ts';
export type { Recorder } from './measure/recorder.ts';
export { createSandbox } from './sandbox/create-sandbox.ts';
export type { GuestOptions } from './sandbox/guest-options.ts';
export type { AllowedImports } from './sandbox/module/imports.ts';
export { type SandboxOptions, sandboxDefaults } from './sandbox/options.ts';
export type { GuestFunction, Sandbox, SandboxCall } from './sandbox/sandbox.ts';
