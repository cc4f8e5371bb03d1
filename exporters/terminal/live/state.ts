/**
 * What the live view remembers of the entries it has seen: the history of the session, what its
 * windows add, and the newest of them for the foot of the screen. Plain data, renewed by
 * view-after.ts, drawn by status.ts.
 */
import type { Objective, Settings } from '../../../src/contracts.ts';
import type { RemarkOf } from '../../../tuner/entries/entries.ts';
import {
  emptyHistory,
  type History,
  noSessionWindows,
  openTrial,
  type SessionHistory,
  type SessionWindows,
  type TrialHistory,
} from '../../../tuner/history.ts';
import { type BrokenLimit, brokenNow } from '../../../tuner/trial/limits-now.ts';
import type { DrawnCell } from './strip.ts';

export interface ViewState {
  readonly history: History;
  /** What the windows of the session that began last add to its history. */
  readonly windows: SessionWindows;
  /** When the newest event came, in ms since its session began. */
  readonly elapsedMs: number | null;
  /** `elapsedMs` when the newest trial began; null before the first. */
  readonly trialSinceMs: number | null;
  /** Windows since the tuner began to observe. */
  readonly observedWindows: number;
  /** Metric of the newest steady windows, oldest first: the sparkline and the live rate. */
  readonly recent: readonly number[];
  /** Limits of the goal, by their texts, that were told as broken: of each it is told once. */
  readonly toldBroken: readonly string[];
  /** Probes of which is told what they found. */
  readonly toldProbes: number;
  /** How to make a setting last whose hold-back has not passed, and may revert it; null where none waits for that. */
  readonly patchHeld: RemarkOf<'patch'> | null;
  /** Newest steady windows, for where the time goes. */
  readonly stageTimes: readonly StageTimes[];
}

/** Where the time of one window's sampled calls went. */
export interface StageTimes {
  readonly settings: Settings;
  readonly stages: Readonly<Record<string, number>>;
  readonly stageSamples: number;
}

export const initialView: ViewState = {
  history: emptyHistory,
  windows: noSessionWindows,
  elapsedMs: null,
  trialSinceMs: null,
  observedWindows: 0,
  recent: [],
  toldBroken: [],
  toldProbes: 0,
  patchHeld: null,
  stageTimes: [],
};

/** The session that is shown; null before its first entry. */
export function sessionInView({ history }: ViewState): SessionHistory | null {
  return history.sessions.at(-1) ?? null;
}

/** The limits that the newest windows at the setting in force do not keep. */
export function brokenInView(state: ViewState): readonly BrokenLimit[] {
  const session = sessionInView(state);
  return session ? brokenNow(session.entry.goal.guardrails, state.windows.newest) : [];
}

/** The open trial; null outside trials. */
export function trialInView(state: ViewState): TrialHistory | null {
  const session = sessionInView(state);
  return session && openTrial(session);
}

/** The strip of a trial, windows in which a knob moved without a value. */
export function drawnCells({ windows }: ViewState, { trial }: TrialHistory): readonly DrawnCell[] {
  const strip = windows.trials.find((one) => one.trial === trial)?.strip ?? [];
  return strip.map(({ arm, steady, value }) => ({ arm, value: steady ? value : null }));
}

const unknownObjective: Objective = { metric: 'throughput', direction: 'maximize' };

/** Before a session is known: calls per second. */
export function objectiveIn(state: ViewState): Objective {
  return sessionInView(state)?.entry.goal.objective ?? unknownObjective;
}

/** What the arms of a trial are compared by: another objective than the goal's while that one tells no two settings apart. */
export function objectiveOfTrial(state: ViewState, trial: number | undefined): Objective {
  const found = sessionInView(state)?.trials.findLast((one) => one.trial === trial);
  return found?.design.goal.objective ?? objectiveIn(state);
}
