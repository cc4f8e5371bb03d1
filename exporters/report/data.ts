/**
 * What a report says, as plain data: the shape of its JSON and the only thing the renderers read.
 *
 *   ledger entries ── collect.ts ──▶ ReportData ──▶ html/, markdown/, JSON.stringify
 *
 * Schema version 2. Keys are never renamed or removed within a version; new ones may be added.
 * An entry's number counts a session's entries without its windows, its own as 1: number n is the n-th of
 * `ledger.read({ session, windows: false })`.
 * Times are milliseconds, effects and shares are fractions (0.05 is five percent), + is better in
 * every effect whatever the direction of the metric. Non-finite numbers become null in the JSON.
 */
import type { Goal, Interval, Load, OutcomeCounts, Patch, Settings, SettingValue } from '../../src/contracts.ts';
import type { ChainFault } from '../../src/store/chain.ts';
import type { Environment, Note, NotTriedCode, OptionChange, SessionEnding } from '../../tuner/entries/entries.ts';
import type { BrokenData, ClaimData, FigureData, VerdictData } from './claim-data.ts';
import type { PredictionData, RevertData, TrialData } from './trial-data.ts';

export type { BrokenData, ClaimData, ClaimKind, FigureData, VerdictData } from './claim-data.ts';
export type { PredictionData, RevertData, StripWindow, TrialData } from './trial-data.ts';

export const reportSchemaVersion = 2;

export interface ReportData {
  readonly schemaVersion: typeof reportSchemaVersion;
  readonly title: string;
  readonly verdict: VerdictData;
  /** The figures beside the verdict, in their order. */
  readonly figures: readonly FigureData[];
  /** Every statement of the verdict and of the figures, with the entries of the ledger that say so. */
  readonly claims: readonly ClaimData[];
  /** Limits of the goal that the newest calls at the setting in force do not keep. */
  readonly brokenNow: readonly BrokenData[];
  /** Null only for a ledger without any session. */
  readonly session: SessionData | null;
  readonly objective: ObjectiveData | null;
  readonly settings: SettingsData;
  /** Start against chosen; null when nothing was chosen. */
  readonly gain: GainData | null;
  readonly baseline: BaselineData | null;
  readonly noise: NoiseData | null;
  /** In the order they were begun, A/A and hold-back included. */
  readonly trials: readonly TrialData[];
  /** Every setting that was ever measured on purpose. */
  readonly points: readonly PointData[];
  /** Every decision to revert a setting, the harmful first. */
  readonly reverts: readonly RevertData[];
  /** Calls that ran under any of them. */
  readonly callsAffectedByReverts: number;
  readonly latency: LatencyData;
  readonly throughput: ThroughputData;
  readonly stages: StagesData;
  readonly predictions: readonly PredictionData[];
  readonly recommendations: readonly RecommendationData[];
  readonly notTried: readonly NotTriedData[];
  /** What this result holds for, one sentence each. */
  readonly validity: readonly string[];
  readonly measuring: { readonly fraction: Interval; readonly pairs: number; readonly how: string } | null;
  readonly accounting: AccountingData | null;
  readonly reproduce: ReproduceData | null;
  readonly damage: DamageData;
  readonly notes: readonly Pick<Note, 'code' | 'title' | 'text'>[];
}

export interface SessionData {
  readonly session: number;
  readonly executor: string;
  readonly startedAtMs: number;
  /** From its beginning to its last event, on a clock that only goes forward. */
  readonly durationMs: number;
  /** `open`: no end is recorded; it still runs, or it was interrupted. */
  readonly ended: SessionEnding | 'open';
  readonly mode: string;
  readonly load: Load | null;
  readonly loadSource: 'declared' | 'inferred' | null;
  readonly environment: Environment;
}

export interface ObjectiveData {
  readonly goal: Goal;
  readonly metric: Goal['objective']['metric'];
  readonly direction: 'maximize' | 'minimize';
  /** 'ok calls within 250 ms, per second' */
  readonly words: string;
  readonly guardrails: readonly string[];
}

export interface SettingsData {
  /** In force when the session began. */
  readonly start: Settings;
  /** Recommended (proven or, for a `suggestion`, not); equals `start` when nothing is worth changing. */
  readonly chosen: Settings;
  readonly knobs: readonly KnobData[];
  /** The edits that make `chosen` permanent; empty when none was recorded. */
  readonly patches: readonly { readonly knob: string; readonly patch: Patch }[];
}

export interface KnobData {
  readonly id: string;
  readonly unit: string | null;
  readonly start: SettingValue | null;
  readonly chosen: SettingValue | null;
  readonly changed: boolean;
  /** A trial that came to a verdict moved it. */
  readonly judged: boolean;
  readonly defaultValue: SettingValue;
  /** Where the default comes from. */
  readonly source: string;
  readonly scale: 'linear' | 'log' | 'list';
}

export interface GainData {
  /**
   * What the engine says of most pairs. Of one trial all pairs, those of its hold-back too; for several the
   * product of their effects, at the level the union bound leaves.
   */
  readonly effect: Interval;
  /** Change of the metric from `metric.start` to `metric.chosen`; null where no two values can be compared. */
  readonly ratio: number | null;
  /** `side by side`: start and chosen were visited in turns by a sweep. `trials`: each trial against the setting before it. */
  readonly source: 'side by side' | 'trials';
  /** The trials that prove it, in order: those found better; those as good for less where no other is. */
  readonly trials: readonly number[];
  /** Numbers of the entries it is computed from. */
  readonly entries: readonly number[];
  /** Pairs of those trials together, without their hold-backs. */
  readonly pairs: number;
  /** Pairs of the hold-back that `effect` and `metric` rest on too. */
  readonly holdBackPairs: number;
  /** Means of the metric that were measured in turns with each other; null when there are none. */
  readonly metric: { readonly start: number; readonly chosen: number } | null;
  /** What the hold-back after the commit showed of one trial's effect; null when there is no such figure. */
  readonly again: Interval | null;
}

export interface BaselineData {
  readonly settings: Settings;
  readonly windows: number;
  readonly metric: Interval;
  /** Standard deviation of log(next window / this window) at rest. */
  readonly sigmaD: number;
}

export interface NoiseData {
  /** `a/a`: one setting against itself with real flips. `adjacent windows`: at rest, and no knob was touched. */
  readonly source: 'a/a' | 'adjacent windows';
  /** The a/a trial; null where there was none. */
  readonly trial: number | null;
  /** Pairs of the a/a trial, or windows at rest. */
  readonly pairs: number;
  /** The smallest gain, as a fraction, that so many pairs tell from none four times out of five; null without an a/a trial. */
  readonly floor: number | null;
  /** The same of a trial that runs its full length: what views call noise. */
  readonly fullTrial: { readonly pairs: number; readonly floor: number };
  /** What the a/a trial itself gave. */
  readonly effect: Interval | null;
}

export interface PointData {
  readonly source: 'baseline' | 'probe' | 'trial' | 'sweep';
  /** The title of a sweep, the number of a trial, what a probe was to teach. */
  readonly label: string;
  readonly settings: Settings;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What low and high are. */
  readonly whisker: string;
  readonly windows: number;
  /** The setting it was measured in turns with, and the metric there; null where it stood alone. */
  readonly beside: { readonly settings: Settings; readonly value: number } | null;
  /**
   * The metric as a multiple of that at the start, over what each was measured in turns with; null where no
   * such way leads to the start. Points of different times are compared by nothing else.
   */
  readonly multiple: { readonly value: number; readonly low: number; readonly high: number } | null;
}

/** Ok calls a second; null where nothing was measured. */
export interface ThroughputData {
  readonly start: number | null;
  readonly chosen: number | null;
  /** Which windows these are. */
  readonly from: string;
}

export interface LatencyData {
  readonly start: LatencySide | null;
  readonly chosen: LatencySide | null;
  /** Which windows these are. */
  readonly from: string;
  readonly functions: readonly FunctionData[];
}

export interface LatencySide {
  readonly settings: Settings;
  readonly calls: number;
  readonly meanMs: number;
  readonly maxMs: number;
  /** Ascending in `p` (0 to 1); ends where fewer than ten calls lie beyond. */
  readonly percentiles: readonly { readonly p: number; readonly ms: number }[];
}

export interface FunctionData {
  readonly name: string;
  readonly calls: number;
  readonly failed: number;
  readonly start: { readonly p50Ms: number; readonly p99Ms: number } | null;
  readonly chosen: { readonly p50Ms: number; readonly p99Ms: number } | null;
}

export interface StagesData {
  readonly start: StagesSide | null;
  readonly chosen: StagesSide | null;
}

export interface StagesSide {
  readonly settings: Settings;
  readonly samples: number;
  /** Mean of a sampled call, in the order a call passes them. */
  readonly stages: readonly { readonly name: string; readonly ms: number }[];
}

export interface RecommendationData {
  readonly priority: 'high' | 'medium' | 'low';
  readonly settings: Settings;
  readonly reason: string;
  readonly evidence: string;
  /** The gain for which a model recommends it; null where a rule does, or a gate refused it. */
  readonly predicted: Interval | null;
}

/** Why a setting got no trial, or why none got one, and what would let it be tried. */
export interface NotTriedData {
  readonly code: NotTriedCode;
  readonly settings: Settings | null;
  readonly reason: string;
  /** The options of `tune()` that would let it be tried, all together; null where no option does. */
  readonly allow: readonly OptionChange[] | null;
  /** The same as something to write, or the proposal by hand that no option replaces; null where nothing holds a setting back. */
  readonly toAllow: string | null;
}

export interface AccountingData {
  readonly offered: number;
  readonly outcomes: OutcomeCounts;
  readonly inFlight: number;
  /** offered − settled − in flight: 0, or calls were miscounted. */
  readonly difference: number;
}

/** What is wrong with the rows that the report was made from. */
export interface DamageData {
  /** Rows left out because they cannot be read. */
  readonly unreadable: number;
  /** True when the rows were compared with the digests they were written with. */
  readonly checked: boolean;
  /** The first of what was altered, taken out or cut off since; empty where nothing was checked. */
  readonly faults: readonly ChainFault[];
  readonly faultCount: number;
}

export interface ReproduceData {
  readonly seed: number;
  readonly session: number;
  readonly stateDir: string;
  /** The options of `tune()` that differ from its defaults, and the goal, as a call. */
  readonly call: string;
  /** Whether playing the events again gave every record; null when that was not asked for. */
  readonly replay: {
    readonly identical: boolean;
    readonly events: number;
    readonly records: number;
    readonly decisions: number;
  } | null;
}
