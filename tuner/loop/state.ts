/**
 * The tuner as data: what it knows (State), where it is (Phase), what the shell must do next (Action).
 *
 *            ┌────────────────────────── stable? ───────────────────────────┐
 *   begin ─▶ observing ─▶ noise (a/a, once) ─▶ choose ─┬─▶ probing ─▶ choose │
 *                                                      ├─▶ trying ─▶ (asking) ─▶ commit ─▶ holding ─▶ observing
 *                                                      │             └──────────▶ revert ─▶ choose
 *                                                      └─▶ resting ─▶ observing
 *
 * A setting that differs from `current` is only ever in force inside noise, probing, trying and
 * holding; each of them ends with a `settle`, which is also what every failure leads to.
 */
import type { Measured, Settings, Window } from '../../src/contracts.ts';
import type {
  Arm,
  PredictionScore,
  RuledOut,
  Sealed,
  SessionEntry,
  TrialDesign,
  Trigger,
  TunerRecord,
  UserProposal,
} from '../entries/entries.ts';

export interface State {
  readonly session: SessionEntry;
  readonly phase: Phase;
  /** Where every revert returns. */
  readonly anchor: Settings;
  /** In force outside trials; ahead of the anchor while a commit is held back. */
  readonly current: Settings;
  /** Steady windows at `current`, newest last: the reference of the next trial. */
  readonly baseline: readonly Window[];
  /** The last complete reference: what the load is compared with when there is a new one. */
  readonly reference: readonly Window[];
  readonly sigmaD: number;
  /** Steady windows at any setting, for predictors. */
  readonly seen: readonly Window[];
  readonly noiseFloor: number | null;
  /** A/a trials that brought too few pairs to tell. */
  readonly noiseTries: number;
  readonly queue: readonly UserProposal[];
  readonly ruledOut: readonly RuledOut[];
  readonly scores: readonly PredictionScore[];
  /** Commit levels spent, with the time of their trial: the day's budget of false commits. */
  readonly spent: readonly { readonly atMs: number; readonly alpha: number }[];
  readonly nextTrial: number;
  readonly probes: number;
  readonly nothingFound: number;
}

export type Phase =
  | { readonly kind: 'observing'; readonly taken: number }
  | { readonly kind: 'watching' }
  | { readonly kind: 'noise'; readonly run: Run }
  | { readonly kind: 'probing'; readonly settings: Settings; readonly seen: readonly Measured[] }
  | { readonly kind: 'trying'; readonly run: Run }
  | { readonly kind: 'asking'; readonly run: Run; readonly trigger: Trigger; readonly untilMs: number }
  | { readonly kind: 'holding'; readonly run: Run; readonly gap: number }
  | { readonly kind: 'settling'; readonly then: 'choose' | 'observe' | 'rest' | 'end' }
  | { readonly kind: 'resting'; readonly untilMs: number }
  | { readonly kind: 'ended' };

/** A trial on its way. */
export interface Run {
  readonly trial: number;
  readonly baseline: Settings;
  readonly candidate: Settings;
  readonly design: TrialDesign;
  readonly seen: readonly Measured[];
  /** Calls offered under the candidate so far, discards and the trial that led here included. */
  readonly candidateCalls: number;
  readonly pairsRecorded: number;
  readonly predicted: Sealed | null;
  readonly by: 'predictor' | 'user';
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
  /** Let go of what was warm and be at `settings` → `done`. */
  | { readonly kind: 'settle'; readonly settings: Settings }
  /** Nothing until somebody answers, or until then → `done`. */
  | { readonly kind: 'await'; readonly untilMs: number }
  | { readonly kind: 'end' };

export interface Step {
  readonly state: State;
  readonly records: readonly TunerRecord[];
  /** null: go on with what you are doing. */
  readonly action: Action | null;
}

export function initialState(session: SessionEntry): State {
  return {
    session,
    phase: { kind: 'observing', taken: 0 },
    anchor: session.anchor,
    current: session.anchor,
    baseline: [],
    reference: [],
    sigmaD: 0.05,
    seen: [],
    noiseFloor: null,
    noiseTries: 0,
    queue: [],
    ruledOut: session.recalled.ruledOut,
    scores: session.recalled.scores,
    spent: session.recalled.spent,
    nextTrial: 1,
    probes: 0,
    nothingFound: 0,
  };
}
