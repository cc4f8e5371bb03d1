/** What goes out: the decisions of `transition` on seeing an event, one row each. */
import type { GuardedMetric, Interval, Load, Objective, Settings, Visit } from '../../src/contracts.ts';
import type { SessionEnding } from './events.ts';
import type { KnownLoad, LoadSigns } from './known-load.ts';
import type { NotTriedCode, Refused } from './not-tried.ts';
import type { Sealed } from './sealed.ts';
import type { PairPoint, TrialDesign, TrialPurpose, TrialResult } from './trial-data.ts';
import type { Trigger } from './triggers.ts';

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
      /** What `metric` is of, and settings are compared by, where that is not the objective of the goal. */
      readonly objective?: Objective;
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
  | {
      readonly kind: 'probe';
      readonly settings: Settings;
      readonly learns: string;
      /** Time, so far in this session and owed from before, in which probes were worth less than 95 % of the setting in force. */
      readonly harmedMs: number;
      /** When the tour began of which it is a look, Unix ms. Absent: somebody expects something of it. */
      readonly tourBeganAtMs?: number;
    }
  /** What a probe or a trial found. The next session goes on from these where it meets the same load. */
  | {
      readonly kind: 'visit';
      /** null: the probe ended before anything could be compared. */
      readonly visit: Visit | null;
      /** What was found at these settings before counts no more: they were kept, and left again. */
      readonly undoes?: true;
      /** By what the load is known again; null where the windows do not tell. */
      readonly under: LoadSigns | null;
      /** Of the time in which probes harmed, what the time that went by has not paid yet. */
      readonly owedMs: number;
      /** Unix ms. */
      readonly atMs: number;
    }
  /** All that was found before says nothing any more. */
  | { readonly kind: 'visits-void'; readonly atMs: number; readonly reason: string }
  /** A prediction, sealed before its trial. `predicted` is null for a user's proposal, which no model predicted. */
  | {
      readonly kind: 'sealed';
      readonly trial: number;
      /** 'audit': the tuner compares the configured default with what was put in its place. */
      readonly by: 'predictor' | 'user' | 'audit';
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
      /** What the model said, where that is not what was predicted. */
      readonly said?: Interval;
      readonly measured: Interval;
      readonly covered: boolean;
      readonly brier: number;
      /** Unix ms. */
      readonly atMs: number;
    }
  /** Written before a setting is applied that outlives the next window. */
  | {
      readonly kind: 'intent';
      readonly settings: Settings;
      readonly purpose: 'probe' | 'trial' | 'commit' | 'revert' | 'anchor' | 'follow';
    }
  | { readonly kind: 'anchor'; readonly settings: Settings; readonly reason: string }
  | Followed
  /** The turn to compare settings is another's, which may change, or has come (`waitsFor` null). */
  | {
      readonly kind: 'turn';
      /** "'api' of process 12 on web". */
      readonly waitsFor: string | null;
      /** Unix ms. */
      readonly atMs: number;
      /** Since the wait began; absent in the record that begins it. */
      readonly waitedMs?: number;
    }
  /** Both times are Unix ms. A reader whose clock stands before `atMs` knows how long it lasts, and not since when. */
  | {
      readonly kind: 'back-off';
      readonly settings: Settings;
      /** What its ends count for together, each of which doubles the time: not how many there were. */
      readonly failures: number;
      readonly atMs: number;
      readonly untilMs: number;
      /** The setting was kept, and left for the configured default later. */
      readonly left?: true;
      /** Nothing came out under it once, which may have been an outage. */
      readonly stalled?: true;
      /** It was proven better than this setting and then seen to do harm, so that it was left for it. */
      readonly harmedFrom?: Settings;
    }
  /** What was proven under a load; that it holds although it was left, under another load; or that it holds no more. */
  | ({ readonly kind: 'known-load'; readonly is: 'proven' | 'kept' | 'forgotten' } & KnownLoad)
  /** A limit of the goal broke at the setting in force, or is kept again. */
  | {
      readonly kind: 'limit';
      readonly is: 'broken' | 'kept';
      readonly guardrail: string;
      readonly metric: GuardedMetric;
      /** Over the newest calls, as many as it takes to say: ms, or a fraction. */
      readonly value: number;
      readonly calls: number;
      /** Unix ms. */
      readonly atMs: number;
    }
  /** While nothing was compared, something shifted: what was seen and ruled out before says nothing any more. */
  | {
      readonly kind: 'shift';
      readonly of: 'cpus' | 'mix' | 'load' | 'level' | 'latency';
      /** Of the load calls a second, or in flight in a closed loop; of the level the objective; of the latency its mean in ms; of the mix 0. */
      readonly from: number;
      /** Of the mix the share of calls that are of another function than before. */
      readonly to: number;
      /** Windows since, the newest included. */
      readonly windows: number;
      /** Unix ms. */
      readonly atMs: number;
      readonly reason: string;
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
  /** From the first candidate window to the decision: of a commit that is taken back, from that of its trial. */
  readonly afterMs: number;
  readonly reason: string;
  /** Of the level that its trial spent: what goes back into the day's budget of false commits, since nothing was committed. */
  readonly givesBack?: number;
}
