/** A trial as data: its design, its pairs, its result. All of it is plain data, which the ledger stores as it is. */
import type { Goal, Guardrail, Interval, Load, Verdict } from '../../src/contracts.ts';
import type { Trigger } from './triggers.ts';

/** An a/a trial runs one setting twice, with real changes of arm, to measure the noise. */
export type TrialPurpose = 'a/a' | 'candidate' | 'hold-back';

/** Everything that fixes a trial before its first window. */
export interface TrialDesign {
  readonly seed: number;
  readonly purpose: TrialPurpose;
  readonly goal: Goal;
  readonly load: Load;
  /** Target length of a window; each is jittered by ± `jitterFraction`. */
  readonly windowMs: number;
  readonly jitterFraction: number;
  /** What is discarded after a change of arm: max(10 % of the window, measured drain). */
  readonly discardMs: number;
  /** Calls both windows of a pair must have brought together to be compared. */
  readonly minCompletions: number;
  /** Short windows before the first pair, under the breakers only, not used in the test. */
  readonly rampPairs: number;
  /** Pre-period σ of a pair's d = log(candidate / baseline). */
  readonly sigmaD: number;
  /** Windows of the reference that dipped by as much as a breaker counts, of how many; absent: none were looked at. */
  readonly dips?: { readonly count: number; readonly of: number };
  /** Level at which a loss is proven (shared by primary and guardrails) and intervals are shown. */
  readonly alpha: number;
  /** Level at which a gain or an equivalence is proven: `alpha`, or less once the day's budget of false commits runs low. */
  readonly commitAlpha: number;
  /** The candidate is the configured default, and its level is not charged to that budget. */
  readonly audit?: true;
  /** Calls came faster than they were served: latencies of a pair are those at one backlog. */
  readonly overloaded?: true;
  /** d is that of goodput by the call offered, and not by the second, whose noise is mostly that of the arrivals. */
  readonly perArrival?: true;
  /** Nothing came out under the candidate once within a day: the next time is not taken for an outage. */
  readonly stalledBefore?: true;
  /** Largest loss accepted, fraction ≤ 0 (−0.02). Equivalence is within ± |revertAt|. */
  readonly revertAt: number;
  /** Candidate is declared at least 10 % cheaper. */
  readonly cheaper: boolean;
  readonly maxPairs: number;
  /** Memory that the process held before, bytes: a candidate may hold as much, though it be beyond a limit. Absent: no limit asks for it. */
  readonly rssBeforeBytes?: number;
  readonly maxDurationMs: number;
  /** Disabled only by tests that show what they are for. */
  readonly engine: boolean;
  readonly breakers: boolean;
}

/** One pair, as a report draws it. */
export interface PairPoint {
  /** From 0. */
  readonly index: number;
  readonly order: 'AB' | 'BA';
  readonly baseline: number;
  readonly candidate: number;
  /** log(candidate / baseline), + is better (sign turned for metrics to be minimised). */
  readonly d: number;
  /** log10 of the e-values for better-than-0 and worse-than-revertAt after this pair. */
  readonly log10Better: number;
  readonly log10Worse: number;
  readonly effect: Interval;
}

export interface TrialResult {
  readonly verdict: Verdict;
  readonly trigger: Trigger;
  readonly effect: Interval;
  /**
   * The ratio of sums, in which all calls count alike: those of a hold-back with those of its trial. null: there
   * was nothing to add up; absent from a ledger of an older version.
   */
  readonly allCalls?: Interval | null;
  /** The e-value of the hypothesis that the verdict rests on. */
  readonly eValue: number;
  readonly reason: string;
  readonly pairs: number;
  readonly windows: { readonly baseline: number; readonly candidate: number };
  readonly calls: { readonly baseline: number; readonly candidate: number };
  readonly metric: { readonly baseline: number; readonly candidate: number };
  readonly guardrails: readonly GuardrailReading[];
  readonly checks: readonly Check[];
}

export interface GuardrailReading {
  readonly guardrail: Guardrail;
  readonly state: 'holds' | 'broken' | 'undecided' | 'unjudged';
  readonly baseline: number;
  readonly candidate: number;
  /** Bound that decided: upper bound for an absolute one, effect's interval for a relative one. */
  readonly detail: string;
  /** Time under the candidate that it was judged over: what held for seconds may not hold for a day. Absent: none was measured. */
  readonly judgedMs?: number;
  /** Of a limit that is broken: the baseline broke it as well, as far as its windows tell, so that no harm is proven. */
  readonly byBoth?: boolean;
}

export interface Check {
  readonly name:
    | 'accounting'
    | 'arrivals'
    | 'in-flight'
    | 'carry-over'
    | 'effective'
    | 'steady'
    | 'all calls'
    | 'level';
  readonly passed: boolean;
  readonly detail: string;
}
