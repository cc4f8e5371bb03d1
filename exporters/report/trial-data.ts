/** What a report says about trials: the part of ReportData (data.ts) that is about evidence. */
import type { Interval, Objective, Settings, Verdict } from '../../src/contracts.ts';
import type {
  Arm,
  Check,
  GuardrailReading,
  OpenGuardrail,
  PairPoint,
  TrialPurpose,
  Trigger,
} from '../../tuner/entries/entries.ts';
import type { TrialEnding } from '../../tuner/history.ts';

export interface TrialData {
  readonly trial: number;
  readonly purpose: TrialPurpose;
  readonly by: 'predictor' | 'user' | 'audit' | null;
  readonly baseline: Settings;
  readonly candidate: Settings;
  readonly proposalReason: string;
  readonly unjudged: readonly string[];
  readonly alpha: number;
  /** E-value at which 'better' is proven: 1 / the trial's commit level. */
  readonly proveAt: number;
  /** E-value at which 'worse' is proven and the trial ends: (1 + guardrails) / alpha. */
  readonly revertAtE: number;
  /** Largest loss accepted, fraction ≤ 0. */
  readonly revertAt: number;
  /** What its arms were compared by: another objective than the goal's while that one told no two settings apart. */
  readonly objective: Pick<Objective, 'metric' | 'direction'>;
  /** Null while a trial has no verdict: it was cut off, or it still runs. */
  readonly verdict: Verdict | null;
  readonly decision: 'commit' | 'revert' | 'hold' | null;
  readonly trigger: Trigger | null;
  /** What became of it. */
  readonly ending: TrialEnding;
  /** It was kept, and is not in force: its hold-back took it back, or never ended. */
  readonly takenBack: boolean;
  readonly reason: string;
  readonly effect: Interval | null;
  /** The ratio of sums, in which all calls count alike. */
  readonly allCalls: Interval | null;
  /** The e-value of the hypothesis the verdict rests on; while there is no verdict, of 'better'. */
  readonly eValue: number | null;
  readonly pairCount: number;
  readonly calls: { readonly baseline: number; readonly candidate: number };
  readonly metric: { readonly baseline: number; readonly candidate: number } | null;
  readonly guardrails: readonly GuardrailReading[];
  /** While there is no verdict: guardrails a commit waits for, each with what is known of it. */
  readonly waitsFor: readonly OpenGuardrail[];
  readonly checks: readonly Check[];
  readonly callsAffected: number;
  readonly afterMs: number | null;
  readonly pairs: readonly PairPoint[];
  /** After each pair, log10 of the e-value for 'not worse than `revertAt`': what ends a trial whose candidate is as good. */
  readonly log10NotWorse: readonly number[];
  readonly windows: readonly StripWindow[];
}

/** One window of a trial; `startMs` counts from the trial's first window. */
export interface StripWindow {
  readonly arm: Arm;
  readonly startMs: number;
  readonly endMs: number;
  /** The metric in this window; null where it has none (no call settled). */
  readonly value: number | null;
  /** The pair it belongs to; null for ramp windows and those that were not judged. */
  readonly pair: number | null;
}

export interface RevertData {
  readonly trial: number;
  readonly purpose: TrialPurpose;
  /** In force before it, and again after it. */
  readonly from: Settings;
  readonly settings: Settings;
  readonly trigger: Trigger;
  /** It was proven to do harm. What a breaker stopped was not: a breaker does not wait for proof. */
  readonly harmful: boolean;
  /** A breaker stopped it. */
  readonly stopped: boolean;
  /** From the first candidate window to the decision. */
  readonly afterMs: number;
  readonly callsAffected: number;
  readonly reason: string;
  readonly effect: Interval | null;
  /** The ratio of the sums over all calls. */
  readonly allCalls: Interval | null;
}

export interface PredictionData {
  readonly trial: number;
  readonly model: string;
  readonly from: Settings;
  readonly settings: Settings;
  readonly reason: string;
  readonly pGain: number;
  readonly risk: string;
  readonly predicted: Interval;
  /** Null when the trial gave no score. */
  readonly measured: Interval | null;
  readonly covered: boolean | null;
  readonly brier: number | null;
}
