/**
 * The tuner as data: what it knows (State), where it is (Phase), what the shell must do next (Action),
 * and where a phase leads (Entering).
 *
 *   begin ─▶ observing ─┬─▶ watching, in mode `observe` ⇄ following, in a session that follows
 *              ▲        └─▶ choosing ─┬─▶ waiting, while another tuner has the turn ─▶ choosing
 *              │              ▲       ├─▶ noise (a/a, before the first rest) ─▶ choosing
 *              │              │       ├─▶ probing ─▶ choosing
 *              │              │       ├─▶ trying ─▶ (asking) ─┬─▶ kept ─▶ hold-back ─▶ observing
 *              │   a proposal │       │                       └─▶ reverted ─▶ choosing
 *              └─ rested ─ resting ◀──┘
 *
 *   ledger unwritable ─▶ suspended ── written again ─▶ observing
 *   stop, off, end ─▶ ending ─▶ ended
 *
 * Whatever makes the reference worthless leads to observing instead of choosing.
 *
 * A setting other than `current` is in force only inside probing, trying and hold-back, and the phase
 * after one of these begins by settling. Whatever ended it, the executor is then on a setting that may
 * stay in force.
 */
import type { Measured, Probe, Settings, Visit, Window } from '../../src/contracts.ts';
import type {
  Arm,
  NotTriedCode,
  PredictionScore,
  RecordOf,
  Sealed,
  SessionEntry,
  TrialResult,
  Trigger,
  TunerRecord,
  UserProposal,
} from '../entries/entries.ts';
import type { KnownLoad } from '../entries/known-load.ts';
import type { SearchLeft, Tour } from '../entries/search-left.ts';
import { startOf } from '../entries/settings.ts';
import { mayChange } from '../options.ts';
import type { BackOff, RestingKnob } from '../predict/memory.ts';
import type { Spent } from '../trial/budget.ts';
import type { ChangeCosts } from '../trial/change-cost.ts';
import type { Reference } from '../trial/design.ts';
import type { LevelWatch } from '../trial/level-watch.ts';
import { type LimitAlarm, noAlarm } from '../trial/limit-alarm.ts';
import type { Run } from '../trial/run.ts';
import { type Audits, noAudits } from './audits.ts';
import { noWakes, type Wakes } from './wakes.ts';

export interface State {
  readonly session: SessionEntry;
  /** False: the tuner only measures, and anybody may set the knobs. */
  readonly mayChange: boolean;
  readonly phase: Phase;
  /** Where every revert returns. */
  readonly anchor: Settings;
  /** The setting in force outside trials. It differs from the anchor between a commit and the end of its hold-back. */
  readonly current: Settings;
  /** The anchor of the holder of the lease that this session left or refused; null once another was written. */
  readonly declined: Settings | null;
  /** The last complete reference: trials are designed by it, and the load is compared with it. */
  readonly reference: Reference;
  /** Steady windows at any setting, for predictors. */
  readonly seen: readonly Window[];
  /** What probes and trials found, oldest first; for predictors. */
  readonly visits: readonly Visit[];
  /** What the session before left, until the first reference says whether the load is the same; null then. */
  readonly left: SearchLeft | null;
  /** The newest tour of looks at what nobody expects anything of; null: there was none. */
  readonly tour: Tour | null;
  /** What changes of knobs cost, as far as it was looked at. */
  readonly changeCosts: ChangeCosts;
  /** Time in which probes were plainly worse than the setting in force: of this session, and what was owed before it. */
  readonly harmedMs: number;
  /** What is watched at rest, at the setting in force; null before the first rest there. */
  readonly watch: LevelWatch | null;
  /** Shifts that woke the tuner, and when the last one did. */
  readonly wakes: Wakes;
  readonly audits: Audits;
  /** End of the rest that an audit interrupted, on the session's own clock: until then nothing else is tried. */
  readonly quietUntilMs: number;
  /** The limits of the goal at the setting in force, in whatever phase. */
  readonly limits: LimitAlarm;
  /** CPUs that the process could use in the newest window: what is predicted rests on them. */
  readonly cpus: number;
  /** Whether an a/a trial has said what noise is, and how many brought too few pairs to tell. */
  readonly noise: { readonly known: boolean; readonly tries: number };
  readonly queue: readonly UserProposal[];
  readonly ruledOut: readonly BackOff[];
  /** What was proven under which load, in this session and before. */
  readonly known: readonly KnownLoad[];
  /** Knobs that failed, with the end of their rest, which doubles with every failure. */
  readonly restingKnobs: readonly RestingKnob[];
  /** What the gates refused, each with the gate that was shut when it was said last. */
  readonly refused: readonly { readonly settings: Settings; readonly code: NotTriedCode }[];
  /** How good predictions were, with times on the session's own clock. */
  readonly scores: readonly PredictionScore[];
  /** Commit levels spent, with the time of their trial on the session's own clock: the day's budget of false commits. */
  readonly spent: readonly Spent[];
  readonly nextTrial: number;
  /** Probes of models since the last rest that gained nothing. */
  readonly probes: number;
  /** Rests in a row: each is longer than the one before. */
  readonly rests: number;
}

/** The phases, each with the data that only this phase needs. `untilMs` is a time on the session's own clock. */
export type Phase =
  /**
   * Collects a reference at the setting in force. `taken` counts windows, `windows` are those that are usable,
   * `short` those that are too short to be watched alone, and not watched yet.
   */
  | {
      readonly kind: 'observing';
      readonly windows: readonly Window[];
      readonly taken: number;
      readonly short: readonly Window[];
    }
  /** Measures in mode `observe`, until the session ends. */
  | { readonly kind: 'watching' }
  /** On the anchor of the holder of the lease. `windows` are the newest there, `taken` counts all of them. */
  | { readonly kind: 'following'; readonly windows: readonly Window[]; readonly taken: number }
  | { readonly kind: 'choosing' }
  /** Somebody else on this machine compares settings. `windows` are the newest at the setting in force. */
  | {
      readonly kind: 'waiting';
      readonly sinceMs: number;
      readonly waitsFor: string;
      readonly windows: readonly Window[];
    }
  | { readonly kind: 'noise'; readonly run: Run }
  /** `back`: the probe has lost, and these windows since it came back tell whether its change has. */
  | {
      readonly kind: 'probing';
      readonly probe: Probe;
      readonly windows: readonly Measured[];
      readonly back?: { readonly windows: readonly Window[]; readonly isHarmed: boolean };
    }
  /** `alone`: its result, and the windows on which its candidate was left alone since (since-change.ts); null before. */
  | {
      readonly kind: 'trying';
      readonly run: Run;
      readonly predicted: Sealed | null;
      readonly alone: { readonly result: TrialResult; readonly windows: readonly Window[] } | null;
    }
  /** Waits for an answer whether to keep a proven candidate. `trigger` is what proved it. */
  | { readonly kind: 'asking'; readonly run: Run; readonly trigger: Trigger; readonly untilMs: number }
  /** Checks a commit again before it becomes the anchor. */
  | ({ readonly kind: 'hold-back' } & HoldBack)
  /** Windows are measured meanwhile. `tries`: where one could not be, when it is tried again, and how long that waited. */
  | { readonly kind: 'resting'; readonly untilMs: number; readonly tries: Tries | null }
  /** Measures on the anchor until the ledger is written again. `reason`: why it is not. */
  | { readonly kind: 'suspended'; readonly reason: string }
  | { readonly kind: 'ending' }
  | { readonly kind: 'ended' };

export interface Tries {
  readonly atMs: number;
  readonly pauseMs: number;
}

/** Whether the level has fallen under both settings alike, since before the trial. */
export type LevelCheck =
  | { readonly is: 'quiet' }
  /** It has, since then: the candidate stays, for a small fall shows more clearly once it has grown. */
  | { readonly is: 'fallen'; readonly sinceMs: number }
  /** The anchor is left alone, to see whether it recovers. */
  | { readonly is: 'recovering'; readonly sinceMs: number; readonly windows: readonly Window[] }
  /** It did not: what fell came from outside. */
  | { readonly is: 'explained' };

interface HoldBack {
  readonly run: Run;
  /** The trial that proved what is held back. */
  readonly committed: Run;
  /** When it began, on the session's own clock. */
  readonly beganMs: number;
  /** Windows at the new setting that remain before the next pair. */
  readonly gap: number;
  /** How long each of these is; null: as at rest. */
  readonly gapMs: number | null;
  /** What its pairs proved, and since when; null before. */
  readonly passed: { readonly result: TrialResult; readonly atMs: number } | null;
  readonly level: LevelCheck;
}

export type PhaseOf<K extends Phase['kind']> = Extract<Phase, { readonly kind: K }>;

/** A phase to be entered, with the data it begins with. */
export type Entering =
  /** @param windows of the reference, as far as they are known */
  | { readonly enter: 'observing'; readonly windows: readonly Window[] }
  | { readonly enter: 'watching' }
  | { readonly enter: 'choosing' }
  | { readonly enter: 'waiting'; readonly waitsFor: string }
  | { readonly enter: 'noise' }
  | { readonly enter: 'probing'; readonly probe: Probe }
  | ({ readonly enter: 'trying' } & Candidate)
  | { readonly enter: 'asking'; readonly run: Run; readonly trigger: Trigger }
  | { readonly enter: 'hold-back'; readonly committed: Run }
  /**
   * @param untilMs the end of a rest that goes on; absent where one begins
   * @param asksAgain a gate refused something that it may let through when it is asked again: the rest is no longer than the last
   */
  | {
      readonly enter: 'resting';
      readonly measures: boolean;
      readonly untilMs?: number;
      readonly asksAgain?: true;
    };

export type EnteringOf<K extends Entering['enter']> = Extract<Entering, { readonly enter: K }>;

/** A setting that gets a trial, and the reason for it. */
interface Candidate {
  readonly settings: Settings;
  readonly by: RecordOf<'sealed'>['by'];
  readonly predicted: Sealed | null;
  readonly reason: string;
}

/** The one thing the shell does next; it answers with one event. */
export type Action =
  /** Be at `settings`, discard, measure one window → `measured`. */
  | {
      readonly kind: 'measure';
      readonly arm: Arm;
      readonly settings: Settings;
      readonly discardMs: number;
      readonly forMs: number;
      readonly minCompletions: number;
      readonly maxMs: number;
    }
  /** Keep both settings warm until the next settle → `done`. */
  | { readonly kind: 'warm'; readonly a: Settings; readonly b: Settings }
  /** Keep nothing warm any more, and be at `settings` → `done`. */
  | { readonly kind: 'settle'; readonly settings: Settings }
  /** Do nothing until somebody answers, or for `forMs` → `done`. */
  | { readonly kind: 'await'; readonly forMs: number }
  | { readonly kind: 'end' };

export interface Step {
  readonly state: State;
  readonly records: readonly TunerRecord[];
  /** null: the shell goes on with the action before. */
  readonly action: Action | null;
}

export function initialState(session: SessionEntry): State {
  const { startedAtMs, recalled } = session;
  return {
    session,
    mayChange: mayChange(session.options.mode) || session.follows === true,
    phase: { kind: 'observing', windows: [], taken: 0, short: [] },
    anchor: session.anchor,
    current: startOf(session),
    declined: null,
    reference: { windows: [], sigmaD: 0.05, cpus: session.environment.cores },
    seen: [],
    visits: [],
    left: recalled.search ?? null,
    tour: recalled.search?.tour ?? null,
    changeCosts: {},
    harmedMs: recalled.search?.owedMs ?? 0,
    watch: null,
    wakes: noWakes,
    audits: noAudits,
    quietUntilMs: 0,
    limits: noAlarm,
    cpus: session.environment.cores,
    noise: { known: false, tries: 0 },
    queue: [],
    ruledOut: recalled.ruledOut.map(({ settings, failures, untilMs, left, stalled, harmedFrom }) => ({
      settings,
      failures,
      untilMs: untilMs - startedAtMs,
      ...(left && { left }),
      ...(stalled && { stalled }),
      ...(harmedFrom && { harmedFrom }),
    })),
    known: recalled.known,
    restingKnobs: [],
    refused: [],
    scores: recalled.scores.map((one) => ({ ...one, atMs: one.atMs - startedAtMs })),
    spent: recalled.spent.map(({ atMs, alpha }) => ({ atMs: atMs - startedAtMs, alpha })),
    nextTrial: 1,
    probes: 0,
    rests: 0,
  };
}

/** Phases in which windows are compared. */
export const comparing: ReadonlySet<string> = new Set<Phase['kind']>(['noise', 'probing', 'trying', 'hold-back']);

/** True while work that takes longer would disturb what is compared. */
export function isComparing({ phase }: State): boolean {
  return comparing.has(phase.kind);
}
