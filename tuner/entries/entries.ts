/**
 * What the ledger holds: plain data, one row each, written before it happens.
 *
 *   session   one start of the tuner: seed, options, knobs, anchor, environment
 *   event     what came in: a window, an answer, a failure. The inputs of `transition`
 *   record    what `transition` decided on seeing an event: intents, seals, verdicts, decisions
 *   remark    what the shell adds for readers (patches, overhead); never read by `transition`
 *
 * Replaying the events of a session through `transition` must give its records to the byte.
 */
import type { Goal, KnobSpec, Load, Settings } from '../../src/contracts.ts';
import type { ResolvedTuneOptions } from '../options.ts';
import type { TunerEvent } from './events.ts';
import type { Recalled } from './recalled.ts';
import type { TunerRecord } from './records.ts';
import type { Remark } from './remarks.ts';

export type { Arm, SessionEnding, TunerEvent, UserProposal } from './events.ts';
export type { KnownLoad, LoadSigns, Sign } from './known-load.ts';
export type { NotTriedCode, OptionChange, Refused } from './not-tried.ts';
export type { PredictionScore, Recalled, RuledOut } from './recalled.ts';
export type {
  Decided,
  Followed,
  NotDecided,
  OpenGuardrail,
  Proposed,
  RecordOf,
  TunerRecord,
} from './records.ts';
export type { Note, Remark, RemarkOf, SweepPoint } from './remarks.ts';
export type { Sealed } from './sealed.ts';
export type { SearchLeft, Tour } from './search-left.ts';
export type {
  Check,
  GuardrailReading,
  PairPoint,
  TrialDesign,
  TrialPurpose,
  TrialResult,
} from './trial-data.ts';
export type { Trigger } from './triggers.ts';

export const ledgerSchemaVersion = 6;

export type Entry =
  | SessionEntry
  | EventEntry
  | { readonly kind: 'record'; readonly session: number; readonly record: TunerRecord }
  | { readonly kind: 'remark'; readonly session: number; readonly remark: Remark };

export interface EventEntry {
  readonly kind: 'event';
  readonly session: number;
  /**
   * Milliseconds since the session began, on a clock that only goes forward: lengths are read from it, and
   * not from Unix times, which somebody may step. Absent where nobody counted them.
   */
  readonly sinceMs?: number;
  readonly event: TunerEvent;
}

export interface SessionEntry {
  readonly kind: 'session';
  readonly schemaVersion: number;
  /** Random, to tell sessions apart; the ledger's row number orders them. */
  readonly session: number;
  /** Unix ms. */
  readonly startedAtMs: number;
  readonly executor: string;
  readonly seed: number;
  readonly options: ResolvedTuneOptions;
  readonly goal: Goal;
  readonly load: Load | null;
  readonly knobs: readonly KnobSpec[];
  /** What was configured or kept: where this session returns. */
  readonly anchor: Settings;
  /** What was in force when this session began, where it changes nothing and that was not the anchor. */
  readonly inForce?: Settings;
  readonly recalled: Recalled;
  readonly environment: Environment;
  /** In mode auto without the lease: `options.mode` is observe, and the anchor of the holder is put in force here too. */
  readonly follows?: true;
}

export interface Environment {
  readonly sandtune: string;
  readonly node: string;
  readonly platform: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
}
