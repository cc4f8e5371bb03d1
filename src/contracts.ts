/**
 * The six contracts everything else is built on: Executor, Knob, Window, Predict, Trial, Ledger.
 *
 * An executor runs calls and has knobs. A window is what happened while the knobs stood still.
 * A predictor turns windows into a proposal, a probe, or a reason why not. A trial compares two
 * arms. The ledger records all of it before it happens.
 *
 * Everything here is plain, immutable data or an interface; times are milliseconds (float) unless
 * the name says otherwise; fractions are fractions, never percentages.
 */
import type { CallSignal } from './foundation/abort.ts';
import type { CloseOptions, LimitOptions } from './foundation/limit-options.ts';
import type { Goal } from './goal.ts';
import type { WindowFields, WorkFields } from './measure/fields.ts';
import type { Patch } from './patch.ts';
import type { Interval, OutcomeCounts, Priority, Settings, SettingValue } from './words.ts';

export type { Goal, GuardedMetric, Guardrail, Objective } from './goal.ts';
export type { OptionSetting, Patch } from './patch.ts';
export {
  type Interval,
  type Outcome,
  type OutcomeCounts,
  outcomes,
  type Priority,
  priorities,
  type Settings,
  type SettingValue,
  type Stage,
} from './words.ts';

// ---------------------------------------------------------------- 1. Executor

export interface CallOptions extends LimitOptions {
  /** Cancels the call; `run()` then rejects with `signal.reason`. An event emitter cancels it when it emits 'abort'. */
  readonly signal?: CallSignal | null;
  /**
   * When the call should have started, on the executor's clock (`performance.now()`), at most a second
   * ahead. Default: now. Latency counts from here, or from now where that is earlier.
   */
  readonly intendedStartMs?: number;
  /** The call may be run again if its worker dies under it. Default: false. */
  readonly idempotent?: boolean;
  /**
   * Whose call it is: 1 to 256 characters. While calls of several tenants wait they take turns (`tenants` of
   * the executor), and no batch has calls of two. The name is forgotten with the last call of the tenant, and
   * is in no metric, span or window. Calls that name none are one more tenant together, without limits.
   */
  readonly tenant?: string;
  /**
   * How urgent it is beside the other calls of its tenant that wait; it goes before no other tenant's. While
   * calls of all three wait, of 21 that leave 16 are high, 4 normal and 1 low, so none waits for ever.
   * @defaultValue 'normal'
   */
  readonly priority?: Priority;
}

/** Runs calls, measures them, and has knobs. */
export interface Executor<I = unknown, O = unknown> {
  readonly name: string;
  run(input: I, call?: CallOptions): Promise<O>;
  readonly knobs: readonly Knob[];
  /** Knobs that executors of this kind have and this one has not, each with the reason. Absent: none. */
  readonly withheld?: Readonly<Record<string, string>>;
  /** Do arrivals wait for completions? `undefined`: not declared, to be inferred from windows and shown. */
  readonly load: Load | undefined;
  /**
   * Begins a window. Any number may be open at once; each sees every call.
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED once it was closed, by which a tuner tells that from silence
   */
  openWindow(): OpenWindow;
  /** Resolves when nothing is in flight; without a bound it loses nothing. A second call returns the same promise. */
  close(options?: CloseOptions): Promise<void>;
}

/** Whether arrivals wait for completions (`closed`: the next call waits for one to end) or not (`open`). */
export type Load = 'open' | 'closed';

/** A window that is still open. Disposing it stops its accounting. */
export interface OpenWindow extends Disposable {
  /**
   * Returns what happened since the window was opened or last cut; the next window begins at once.
   * @throws {SandtuneError} ERR_SANDTUNE_CLOSED when nothing can come any more, since the executor was closed before
   */
  cut(): Window;
  /** Calls settled since the last cut. O(1). */
  readonly settledCount: number;
}

// ---------------------------------------------------------------- 2. Knob

/** How a value may change: at once; behind a gate; by swapping the object; by a restart (recommend only). */
export type Move = 'live' | 'gate' | 'swap' | 'restart';

export interface NumericRange {
  readonly min: number;
  readonly max: number;
  readonly scale: 'linear' | 'log';
  readonly integer: boolean;
}

/** What is known of a knob without touching it: plain data, kept in the ledger. */
export interface KnobSpec<V extends SettingValue = SettingValue> {
  readonly id: string;
  /** What the number counts: 'threads', 'calls', 'ms', 'modules' … */
  readonly unit?: string;
  readonly domain: readonly V[] | NumericRange;
  /** `call`: arms may share the executor call by call. `executor`: arms must alternate in time. */
  readonly interference: 'call' | 'executor';
  readonly moves: { readonly up: Move; readonly down: Move };
  /** `per-unit`: resources grow with the value, so of two equal settings the smaller is kept. */
  readonly cost?: 'per-unit';
  /** Where other knobs must stand for this one to have an effect: elsewhere it is not tried. Absent: anywhere. */
  readonly actsUnder?: Settings;
  /**
   * What the executor was configured with: what its user said, else its own default; `source` says where it
   * comes from. It stays what it is, wherever the knob stands meanwhile: it is where a tuner starts and returns.
   */
  readonly defaultValue: V;
  readonly source: string;
}

export interface Knob<V extends SettingValue = SettingValue> extends KnobSpec<V> {
  read(): { readonly requested: V; readonly effective: V };
  /** Resolves when the value is effective; a rejection means nothing changed. */
  apply(value: V): Promise<void>;
  /** Until disposed, a flip between `a` and `b` is only a routing change. */
  keepWarm(a: V, b: V): Promise<AsyncDisposable>;
  /** The edit that makes the value permanent. */
  patch(value: V): Patch;
}

// ---------------------------------------------------------------- 3. Window

/**
 * HDR counts, frozen. `boundsNs[i]` is the highest value bucket i stands for (inclusive, ascending),
 * `counts[i]` how many samples fell there (> 0). Sum, minimum and maximum are exact.
 */
export interface Distribution {
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly boundsNs: readonly number[];
  readonly counts: readonly number[];
}

/**
 * What happened while the knobs stood still. Immutable. offered + backlogAtStart = settled + backlogAtEnd.
 * Its counters (`offered`, `cpuMs`, `bytesIn` …) are rows of the table in measure/fields.ts.
 */
export interface Window extends WindowFields {
  /** Counts changes of configuration. Samples of an earlier epoch are in `outcomes`, not in the distributions. */
  readonly epoch: number;
  /** False when a knob moved inside the window: such a window is shown, never judged. */
  readonly steady: boolean;
  readonly settings: Settings;
  readonly startMs: number;
  readonly endMs: number;

  readonly outcomes: OutcomeCounts;
  readonly backlogAtStart: number;
  readonly backlogAtEnd: number;

  /** Of `ok` calls offered in this epoch. Latency runs from the intended start. */
  readonly wait: Distribution;
  readonly service: Distribution;
  readonly latency: Distribution;
  /** Ages of the calls of this epoch in flight when the window began, and when it ended: all that is known of the latter's latency. */
  readonly carried: Distribution;
  readonly unfinished: Distribution;
  /** Cold starts of an instance (one sample a start, not a call). */
  readonly start: Distribution;
  readonly byFunction: Readonly<Record<string, FunctionCounts>>;

  /** Mean milliseconds a sampled call spent in each stage: queue, wake-up, transfer, start, execute, return. */
  readonly stages: Readonly<Record<string, number>>;
  readonly stageSamples: number;
  readonly work: Work;
  readonly cache?: CacheUse;
}

/** The distributions of `Window`, for one host-listed function. */
export interface FunctionCounts {
  readonly outcomes: OutcomeCounts;
  readonly latency: Distribution;
  readonly wait: Distribution;
  readonly service: Distribution;
  readonly start: Distribution;
}

/** Exact totals of the window (measure/fields.ts): of them a + b·n and utilisation are read. */
export interface Work extends WorkFields {
  /** Sum over workers of the time with at least one batch dispatched, divided by (workers × window). */
  readonly busyFraction: number;
}

/** References to an LRU cache, enough to draw its miss-ratio curve. */
export interface CacheUse {
  readonly hits: number;
  readonly misses: number;
  /** rankCounts[r] = references found at LRU rank r (0 = most recent), whatever the capacity. */
  readonly rankCounts: readonly number[];
  /** References to keys never seen before, or too long ago for their ranks to be told apart: a miss at any capacity. */
  readonly coldCount: number;
  /** Sum of what the misses cost. */
  readonly missMs: number;
}

// ---------------------------------------------------------------- 4. Predict

export type Predict = (seen: Seen, random: () => number) => Prediction;

/** All a predictor may look at. */
export interface Seen {
  /** Steady windows, oldest first, at any setting that was ever in force (baseline, probes, trials). */
  readonly windows: readonly Window[];
  readonly knobs: readonly KnobSpec[];
  /** The setting in force: gains are relative to it. */
  readonly current: Settings;
  readonly goal: Goal;
  readonly load: Load;
  /** CPUs this process may use (cgroup quota included; may be fractional). */
  readonly cores: number;
  /** What a proposal must promise: a gain above `gain` (fraction), and one at all with more than `probability`. */
  readonly worth: { readonly gain: number; readonly probability: number };
  /** Settings already tried and not to be proposed again for now. */
  readonly ruledOut: readonly Settings[];
  /** Those of them that were proven better and then left for harm: what lies as far `from` there the same way, or farther, is taken to do it too. */
  readonly harmful?: readonly { readonly settings: Settings; readonly from: Settings }[];
  /** What short visits to other settings found, oldest first. Absent: there were none. */
  readonly visits?: readonly Visit[];
  /** By knob: calls that a change of it was seen to lose, as milliseconds of all calls. Absent: nobody looked. */
  readonly changeLosesMs?: Readonly<Record<string, number>>;
  /** Whether a search may `visit`, a model have a `look` at what it proposes unseen (else that is left out), and a `tour` be made of what nobody expects anything of. @defaultValue all but the tour */
  readonly may?: { readonly visit?: boolean; readonly look?: boolean; readonly tour?: boolean };
}

/** What a setting was worth in a few windows in turns with another, or in a trial. */
export interface Visit {
  readonly settings: Settings;
  readonly from: Settings;
  /** log of the objective over that of `from`, + is better; less where a guardrail did not hold. */
  readonly gain: number;
  readonly sd: number; // standard deviation of `gain`
  readonly windows: number; // at `settings`
  readonly died?: true; // the process ended under it
  /** Memory that the process held before, and at most then. Absent: no limit asks for it, or no window told. */
  readonly rss?: { readonly beforeBytes: number; readonly thenBytes: number };
}

export type Prediction = Proposal | Probe | { readonly none: string };

/** A setting expected to be better (gain: relative change of the objective, + is better). */
export interface Proposal {
  readonly settings: Settings;
  readonly gain: Interval;
  /** Probability that the gain is above zero. */
  readonly pGain: number;
  readonly risk: 'low' | 'medium' | 'high';
  /** The model that says so: predictions are calibrated per model. */
  readonly model: string;
  /** One sentence with the numbers it rests on. */
  readonly reason: string;
}

/** A setting to visit briefly because a model cannot be told apart without it. */
export interface Probe {
  readonly probe: Settings;
  readonly learns: string;
  /** One of many: it ends as soon as the log gain over the setting in force is plainly no more than this. */
  readonly toBeat?: number;
  readonly tour?: true; // a look at what nobody expects anything of, made once idle
}

// ---------------------------------------------------------------- 5. Trial

export type Verdict = 'better' | 'worse' | 'equivalent' | 'inconclusive';

/**
 * Compares two arms by one number of each a pair. Pure: the same `seen` gives the same answer. Where
 * the numbers come from is not its affair: windows of one executor are one source of them, figures of
 * two processes another.
 */
export interface Trial<Arm extends string = 'baseline' | 'candidate'> {
  /** @param seen in the order it was measured */
  next(seen: readonly Reading<Arm>[]): TrialStep<Arm>;
}

export interface Reading<Arm extends string = 'baseline' | 'candidate'> {
  readonly arm: Arm;
  /** Above 0; a pair with any other number is left out. */
  readonly value: number;
}

export type TrialStep<Arm extends string = 'baseline' | 'candidate'> =
  | { readonly measure: Arm }
  | {
      readonly verdict: Verdict;
      readonly effect: Interval;
      readonly eValue: number;
      readonly reason: string;
    };

/** A window of one arm: what a trial's numbers, guardrails, breakers and checks are read from. */
export interface Measured<Arm extends string = 'baseline' | 'candidate'> {
  readonly arm: Arm;
  readonly window: Window;
  /** What was thrown away between the flip and the window: nothing is compared with it, a harm in it counts. */
  readonly discarded?: Discarded;
}

export interface Discarded {
  readonly offered: number;
  readonly outcomes: OutcomeCounts;
}

// ---------------------------------------------------------------- 6. Ledger

/** Records everything before it happens. */
export interface Ledger<Entry = unknown> {
  /** In order, and visible to readers of this process at once. */
  append(entries: readonly Entry[]): void;
  /** Resolves when all that was appended so far is on disk: what an intent waits for before it is carried out. */
  durable(): Promise<void>;
  /** In order; all of it when no part is asked for. */
  read(part?: LedgerPart): Iterable<Entry>;
  /** The last setting known to be good: where every revert returns, and where the next start begins. */
  anchor(): Settings;
}

export interface LedgerPart {
  /** Number of the session. */
  readonly session?: number;
  /** false leaves windows out, which is quick whatever the ledger's size. @defaultValue true */
  readonly windows?: boolean;
}
