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
import type { Discarded, Goal, Interval, KnobSpec, Load, Settings, SettingValue, Window } from '../../src/contracts.ts';
import type { ResolvedTuneOptions } from '../options.ts';
import type { NotTriedCode, Refused } from './not-tried.ts';
import type { Recalled } from './recalled.ts';
import type { Remark } from './remarks.ts';
import type { Sealed } from './sealed.ts';
import type { PairPoint, TrialDesign, TrialPurpose, TrialResult } from './trial-data.ts';
import type { Trigger } from './triggers.ts';

export type { NotTriedCode, OptionChange, Refused } from './not-tried.ts';
export type { PredictionScore, Recalled, RuledOut } from './recalled.ts';
export type { Note, Remark, RemarkOf, SweepPoint } from './remarks.ts';
export type { Sealed } from './sealed.ts';
export type {
  Check,
  GuardrailReading,
  PairPoint,
  TrialDesign,
  TrialPurpose,
  TrialResult,
} from './trial-data.ts';
export type { Trigger } from './triggers.ts';

export const ledgerSchemaVersion = 3;

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

// ---------------------------------------------------------------- events (in)

/** `atMs`: Unix time in ms (windows carry the executor's own clock). */
export type TunerEvent =
  | { readonly kind: 'begin'; readonly atMs: number }
  | {
      readonly kind: 'measured';
      readonly atMs: number;
      readonly arm: Arm;
      readonly window: Window;
      readonly discarded?: Discarded;
      readonly effective: Settings;
    }
  /** An action other than measuring was carried out: warmed, settled, waited. */
  | { readonly kind: 'done'; readonly atMs: number }
  /** An action could not be carried out; the executor is on `settings`. */
  | {
      readonly kind: 'failed';
      readonly atMs: number;
      /** The action that failed. */
      readonly what: 'measure' | 'warm' | 'settle' | 'await';
      readonly message: string;
      readonly settings: Settings;
      /** The knobs that failed, each with the value it was asked for; absent where it was no knob. */
      readonly knobs?: readonly { readonly id: string; readonly value: SettingValue }[];
    }
  | { readonly kind: 'propose'; readonly atMs: number; readonly proposal: UserProposal }
  | { readonly kind: 'answer'; readonly atMs: number; readonly trial: number; readonly accept: boolean }
  /** The anchor that the holder of the lease stands on, as it wrote it. Only sessions that follow hear of it. */
  | { readonly kind: 'anchor'; readonly atMs: number; readonly settings: Settings }
  | { readonly kind: 'off'; readonly atMs: number; readonly reason: string }
  /** `interruptedBy`: what asked the whole program to end, 'SIGINT'; absent where only the tuner was asked to. */
  | { readonly kind: 'stop'; readonly atMs: number; readonly interruptedBy?: string }
  /** What ends a session that nobody stopped. */
  | {
      readonly kind: 'end';
      readonly atMs: number;
      /** 'handed over': another session follows, of this process or of another. 'closed': the executor was. 'failed': the tuner itself did. */
      readonly why: 'handed over' | 'closed' | 'failed';
      readonly reason: string;
    }
  /** The ledger cannot be written for now, or is written again. */
  | { readonly kind: 'ledger'; readonly atMs: number; readonly writable: boolean; readonly reason: string };

/** What a session was ended by. Each is a trigger too, of the trial that was under way. */
export type SessionEnding = 'stopped' | 'interrupted' | 'off' | 'handed over' | 'closed' | 'failed';

export type Arm = 'baseline' | 'candidate';

/** A setting for which somebody wants a trial. It skips the start gates, and nothing else. */
export interface UserProposal {
  /** Knobs to move; the others keep the values that are in force when the trial begins. */
  readonly settings: Settings;
  readonly reason: string;
}

// ---------------------------------------------------------------- records (out)

export type TunerRecord =
  | {
      readonly kind: 'phase';
      readonly phase: 'observing' | 'resting' | 'suspended' | SessionEnding;
      readonly reason: string;
    }
  | {
      readonly kind: 'phase';
      readonly phase: 'ended';
      /** False: a knob refused, and the setting in force is not the anchor. */
      readonly onAnchor: boolean;
      readonly reason: string;
    }
  /** σ of log(next window / this window) at rest, and what the load looks like. */
  | {
      readonly kind: 'baseline';
      readonly settings: Settings;
      readonly windows: number;
      readonly metric: Interval;
      readonly sigmaD: number;
      readonly load: Load;
      readonly loadSource: 'declared' | 'inferred';
    }
  | {
      readonly kind: 'noise';
      readonly trial: number;
      readonly pairs: number;
      /** The smallest gain that a trial of as many pairs tells from none, four times out of five. */
      readonly floor: number;
      /** The same of a trial that runs its full length. */
      readonly fullTrial: { readonly pairs: number; readonly floor: number };
      /** What the a/a trial itself gave. */
      readonly effect: Interval;
    }
  | {
      readonly kind: 'recommendation';
      readonly priority: 'high' | 'medium' | 'low';
      readonly settings: Settings;
      readonly reason: string;
      readonly evidence: string;
      /** What a model promises of it; absent where a rule recommends it. */
      readonly predicted?: Sealed;
    }
  | {
      readonly kind: 'not-tried';
      readonly code: NotTriedCode;
      readonly settings: Settings | null;
      readonly reason: string;
      /** Of a prediction that a start gate refused. */
      readonly refused?: Refused;
    }
  | { readonly kind: 'probe'; readonly settings: Settings; readonly learns: string }
  /** A prediction, sealed before its trial. `predicted` is null for a user's proposal, which no model predicted. */
  | {
      readonly kind: 'sealed';
      readonly trial: number;
      readonly by: 'predictor' | 'user';
      readonly from: Settings;
      readonly settings: Settings;
      readonly predicted: Sealed | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'trial';
      readonly trial: number;
      /** Unix ms. */
      readonly atMs: number;
      readonly purpose: TrialPurpose;
      readonly baseline: Settings;
      readonly candidate: Settings;
      readonly design: TrialDesign;
      readonly unjudged: readonly string[];
    }
  | {
      readonly kind: 'pair';
      readonly trial: number;
      readonly pair: PairPoint;
      /** Guardrails a commit still waits for after this pair, each with what is known of it. */
      readonly waitsFor: readonly OpenGuardrail[];
    }
  | { readonly kind: 'verdict'; readonly trial: number; readonly result: TrialResult }
  | { readonly kind: 'ask'; readonly trial: number; readonly settings: Settings }
  | Decided
  | {
      readonly kind: 'score';
      readonly trial: number;
      readonly model: string;
      readonly predicted: Interval;
      readonly measured: Interval;
      readonly covered: boolean;
      readonly brier: number;
    }
  /** Written before a setting is applied that outlives the next window. */
  | {
      readonly kind: 'intent';
      readonly settings: Settings;
      readonly purpose: 'probe' | 'trial' | 'commit' | 'revert' | 'anchor' | 'follow';
    }
  | { readonly kind: 'anchor'; readonly settings: Settings; readonly reason: string }
  | Followed
  /** Both times are Unix ms. A reader whose clock stands before `atMs` knows how long it lasts, and not since when. */
  | {
      readonly kind: 'back-off';
      readonly settings: Settings;
      readonly failures: number;
      readonly atMs: number;
      readonly untilMs: number;
    }
  /** A knob failed: no setting that moves it is predicted until then. Both times are Unix ms. */
  | {
      readonly kind: 'knob-rest';
      readonly knob: string;
      readonly failures: number;
      readonly atMs: number;
      readonly untilMs: number;
    };

export type RecordOf<K extends TunerRecord['kind']> = Extract<TunerRecord, { readonly kind: K }>;

/** A guardrail not proven to hold yet: 'p99 within 10%', and how far the proof is. */
export interface OpenGuardrail {
  readonly text: string;
  readonly detail: string;
}

/** What became of an anchor that the holder of the lease wrote, in a session that follows. */
export interface Followed {
  readonly kind: 'follow';
  /** The holder's anchor. */
  readonly settings: Settings;
  /**
   * `taken`: it is the anchor of this session from now on. `left`: it was, and a guardrail broke here, so
   * that this session is back on its configured default. `refused`: a knob does not take it.
   */
  readonly outcome: 'taken' | 'left' | 'refused';
  /** Guardrails that cannot be read while it is in force, each with the reason. */
  readonly unjudged: readonly string[];
  readonly reason: string;
}

/** What became of a proposal. */
export type Proposed = Decided | NotDecided;

/** A proposal whose tuner ended first. */
export interface NotDecided {
  readonly decision: 'not-decided';
  /** The anchor, where the tuner has returned. */
  readonly settings: Settings;
  readonly reason: string;
  /** What ended the tuner; absent where it was stopped. */
  readonly cause?: unknown;
}

export interface Decided {
  readonly kind: 'decision';
  readonly trial: number;
  readonly decision: 'commit' | 'revert' | 'hold';
  readonly trigger: Trigger;
  /** The setting in force from now on. */
  readonly settings: Settings;
  /** Calls that ran under a setting that was then reverted; 0 otherwise. */
  readonly callsAffected: number;
  /** From the first candidate window to the decision. */
  readonly afterMs: number;
  readonly reason: string;
}
