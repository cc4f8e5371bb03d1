import '../src/foundation/node-version.ts';

export type { ChainFault } from '../src/store/chain.ts';
export type { HeldLease } from '../src/store/lease.ts';
export type { RunWriter } from '../src/store/reader.ts';
export { StoreError, type Trouble } from '../src/store/store-error.ts';
export type { Recommendation } from './advice/recommendations.ts';
export type { FunctionSummary, LatencySummary, Summary } from './advice/summary.ts';
export {
  checkedEndingOf as endingOf,
  checkedExtendHistory as extendHistory,
  checkedExtendKept as extendKept,
  checkedExtendWindows as extendWindows,
  checkedHistoryOf as historyOf,
  checkedIsRunning as isRunning,
  checkedOpenTrial as openTrial,
  checkedSessionIn as sessionIn,
  checkedTriggerOf as triggerOf,
} from './checked-history.ts';
export { defineConfig, type TuneConfig, type TuneConfigExport } from './config.ts';
export type {
  Arm,
  Check,
  Decided,
  Entry,
  Environment,
  EventEntry,
  Followed,
  GuardrailReading,
  KnownLoad,
  LoadSigns,
  NotDecided,
  Note,
  NotTriedCode,
  OpenGuardrail,
  OptionChange,
  PairPoint,
  PredictionScore,
  Proposed,
  Recalled,
  RecordOf,
  Refused,
  Remark,
  RemarkOf,
  RuledOut,
  Sealed,
  SearchLeft,
  SessionEnding,
  SessionEntry,
  Sign,
  SweepPoint,
  Tour,
  TrialDesign,
  TrialPurpose,
  TrialResult,
  TunerEvent,
  TunerRecord,
  UserProposal,
} from './entries/entries.ts';
export { type Trigger, type TriggerMeaning, triggers } from './entries/triggers.ts';
export type { ExpertOptions, ResolvedExpertOptions } from './expert-options.ts';
export { defaultGuardrails, type GoalWords, parseGoal, parseGuardrail } from './goal.ts';
export {
  type CarriedItem,
  type CarriedSearch,
  type CarryOver,
  emptyHistory,
  type FunctionSums,
  type History,
  type KeptSession,
  type Numbered,
  noSessionWindows,
  nothingKept,
  type OpenTrial,
  type Probed,
  type ProbeValues,
  type SessionHistory,
  type SessionPhase,
  type SessionWindows,
  type StripCell,
  type TrialEnding,
  type TrialHistory,
  type TrialWindows,
  type TurnsWaited,
  type WantsSums,
  type WindowSums,
} from './history.ts';
export {
  type AnchorOfHolder,
  type Claimed,
  type LedgerExecutor,
  type LedgerSetAside,
  type LedgerState,
  type OpenLedgerOptions,
  openLedger,
  type Stands,
  type TunerLedger,
} from './ledger.ts';
export { type Mode, modes, type ResolvedTuneOptions, type TuneOptions, tuneDefaults } from './options.ts';
export { type Replay, type ReplayDifference, type ReplaySource, replay } from './replay.ts';
export { gainOver, type Sweep, type SweepOptions, sweep } from './sweep.ts';
export type { Spent } from './trial/budget.ts';
export { type StopOptions, type Tuner, tune } from './tune.ts';
