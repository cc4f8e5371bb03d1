export { tune, type Tuner, type TuneSurroundings } from './tune.ts';
export { modes, tuneDefaults, type Mode, type ResolvedTuneOptions, type TuneOptions } from './options.ts';
export { parseGoal, parseGuardrail, defaultGuardrails, type GoalWords } from './goal.ts';
export { openLedger, type OpenLedgerOptions, type TunerLedger } from './ledger.ts';
export { replay, type Replay } from './replay.ts';
export type {
  Check,
  Decided,
  Entry,
  Environment,
  GuardrailReading,
  PairPoint,
  Remark,
  Sealed,
  SessionEntry,
  SweepPoint,
  TrialDesign,
  TrialPurpose,
  TrialResult,
  Trigger,
  TunerEvent,
  TunerRecord,
} from './entries.ts';
export { gainOver, sweep, type Sweep, type SweepOptions } from './sweep.ts';
