/** The package entry `sandtune`: what runs and measures. Nothing reached from here tunes anything. */
import './foundation/node-version.ts';

export type { BatchOptions, WrapBatchOptions, WrapFunctionOptions } from './adapters/function/options.ts';
export type { WrappableBatchFunction, WrappableFunction } from './adapters/function/wrap-function.ts';
export type {
  PiscinaPool,
  PiscinaRunOptions,
  PiscinaThread,
  PiscinaWorker,
  TransferList,
} from './adapters/piscina/piscina-shape.ts';
export type { PoolCallOptions } from './adapters/piscina/pool-call-options.ts';
export type { WrappedPool } from './adapters/piscina/pool-executor.ts';
export type { PiscinaClass, PiscinaOptions } from './adapters/piscina/wrap-piscina.ts';
export type { WrapPoolOptions } from './adapters/piscina/wrap-pool-options.ts';
export { wrap } from './adapters/wrap.ts';
export { type Bounds, type WrapOptions, wrapDefaults } from './adapters/wrap-options.ts';
export type {
  CacheUse,
  CallOptions,
  Discarded,
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
  LedgerPart,
  Load,
  Measured,
  Move,
  NumericRange,
  Objective,
  OpenWindow,
  OptionSetting,
  Outcome,
  OutcomeCounts,
  Patch,
  Predict,
  Prediction,
  Priority,
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
  Visit,
  Window,
  Work,
} from './contracts.ts';
export { outcomes, priorities } from './contracts.ts';
export { type MeasuredKnob, type MeasuredOptions, measured, type RunContext } from './executor/measured.ts';
export type { MeasuredExecutor } from './executor/measured-executor.ts';
export type { ExecutorOptions } from './executor/options.ts';
export type { TenantOptions } from './executor/tenants.ts';
export type { AbortEmitter, CallSignal } from './foundation/abort.ts';
export type { Clock, Timers } from './foundation/clock.ts';
export { type ErrorCode, isSandtuneError, SandtuneError, type SandtuneErrorDetail } from './foundation/errors.ts';
export type { CloseOptions, LimitOptions } from './foundation/limit-options.ts';
export type { RandomSource } from './foundation/random.ts';
export type { EnvironmentVariables, Meters, Surroundings } from './foundation/surroundings.ts';
export type { ShownIn, WindowFields, WorkFields } from './measure/fields.ts';
export type { SpanOptions, Totals } from './measure/recorder.ts';
export { createSandbox } from './sandbox/create-sandbox.ts';
export type { ArgumentUse, GuestOptions, GuestStateUse, InstanceUse } from './sandbox/guest-options.ts';
export type { AllowedImports, ImportSignature, NumberType } from './sandbox/module/imports.ts';
export { type SandboxOptions, sandboxDefaults } from './sandbox/options.ts';
export type { SandboxCallOptions } from './sandbox/run/call.ts';
export type { InstanceState } from './sandbox/run/instance-state.ts';
export type { ResultLease } from './sandbox/run/result-lease.ts';
export type { ResultOptions } from './sandbox/run/result-options.ts';
export type { SandboxState } from './sandbox/run/state-calls.ts';
export type { GuestFunction, Sandbox, SandboxCall } from './sandbox/sandbox.ts';
