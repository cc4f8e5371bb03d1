/**
 * What the windows of one session add to its history, one window at a time: the strip of each trial, the
 * values of each probe, and the sums by which a view compares settings. No window is kept, except the
 * two of an open trial that may become a pair.
 *
 * A window carries no trial number: it belongs to the trial or the probe that runs when its entry is
 * read. The record of a pair follows its second window, so its windows are the last of each arm.
 */
import type { Window } from '../../src/contracts.ts';
import type { Arm, Entry, TunerEvent } from '../entries/entries.ts';
import { sameSettings, startOf } from '../entries/settings.ts';
import { sinceMsOf } from '../entries/since.ts';
import { triggers } from '../entries/triggers.ts';
import { mayChange } from '../mode.ts';
import { keptNow, newestEnough } from '../trial/limits-now.ts';
import { objectiveOf } from '../trial/metric.ts';
import { isReadable } from './readable.ts';
import { openTrial, type SessionHistory } from './session.ts';
import { endingOf, isRunning, type TrialHistory } from './trial.ts';
import { noWindows, type WindowSums, withWindow } from './window-sums.ts';

export interface SessionWindows {
  readonly count: number;
  /** Sum of the windows' lengths. */
  readonly spanMs: number;
  readonly okCalls: number;
  /** When the last window came, in ms since the session began; null before the first. */
  readonly lastMs: number | null;
  /** Sums of the steady windows at the setting the session began with, those of trials included, if they were wanted. */
  readonly atStart: WindowSums;
  /** The trials that have windows, in the order they were begun. */
  readonly trials: readonly TrialWindows[];
  /** The metric in the steady windows of each probe, in the order of the probes. */
  readonly probes: readonly ProbeValues[];
  /**
   * The newest steady windows at the setting in force, one after the other: at least two, and no more than
   * it takes to have calls enough for every limit of the goal.
   */
  readonly newest: readonly Window[];
  /** Limits of the goal, by their texts, that the newest windows kept at any time: the others were never seen kept. */
  readonly keptOnce: readonly string[];
}

/** What a probe measured in turns: its setting, and the one in force beside it. */
export type ProbeValues = Readonly<Record<Arm, readonly number[]>>;

export interface TrialWindows {
  readonly trial: number;
  /** One cell a window, in the order of the clock. */
  readonly strip: readonly StripCell[];
  /** Sums over the windows of pairs; null where they are not wanted. */
  readonly sums: Readonly<Record<Arm, WindowSums>> | null;
  /** Newest steady window of each arm that belongs to no pair yet. */
  readonly unpaired: { readonly [A in Arm]?: Window };
}

export interface StripCell {
  readonly arm: Arm;
  readonly startMs: number;
  readonly endMs: number;
  /** False where a knob moved inside the window, which is then drawn and never judged. */
  readonly steady: boolean;
  readonly offered: number;
  /** The metric in this window; null where it has none. */
  readonly value: number | null;
  /** Index of its pair; null for ramp windows and those between pairs. */
  readonly pair: number | null;
}

export const noSessionWindows: SessionWindows = Object.freeze({
  count: 0,
  spanMs: 0,
  okCalls: 0,
  lastMs: null,
  atStart: noWindows,
  trials: [],
  probes: [],
  newest: [],
  keptOnce: [],
});

const noTrialWindows = Object.freeze({
  strip: [],
  sums: { baseline: noWindows, candidate: noWindows },
  unpaired: {},
} satisfies Omit<TrialWindows, 'trial'>);

/** Whether windows are summed up: those of a trial's pairs, or (null) those at the setting of the start. */
export type WantsSums = (session: SessionHistory, trial: TrialHistory | null) => boolean;

/**
 * While it is not known yet what a session comes to: all that may be shown in the end. Sums of a trial
 * that was reverted are let go.
 */
const wantsWhatMayBeShown: WantsSums = (_, trial) => trial === null || mayBeRecommended(trial);

/**
 * With one more entry of the session; the same object when the entry adds nothing.
 * @param session its history, this entry included
 */
export function extendWindows(
  windows: SessionWindows,
  session: SessionHistory,
  entry: Entry,
  wants: WantsSums = wantsWhatMayBeShown,
): SessionWindows {
  if (!isReadable(entry) || entry.session !== session.entry.session) return windows;
  return withEntry(windows, session, entry, wants);
}

/** The same for an entry that is known to be readable and of this session. */
export function withEntry(
  windows: SessionWindows,
  session: SessionHistory,
  entry: Entry,
  wants: WantsSums = wantsWhatMayBeShown,
): SessionWindows {
  if (entry.kind === 'event')
    return entry.event.kind === 'measured'
      ? withMeasured({ ...windows, lastMs: sinceMsOf(entry, session.entry) }, session, entry.event, wants)
      : windows;
  if (entry.kind !== 'record') return windows;
  const { record } = entry;
  if (record.kind === 'pair') {
    // The windows of a pair may have been dropped to keep the ledger small.
    const isKept = windows.trials.some((one) => one.trial === record.trial);
    return isKept ? ofTrial(windows, record.trial, (one) => paired(one, record.pair.index)) : windows;
  }
  const last = session.trials.at(-1);
  if (!last || wants(session, last) || !windows.trials.at(-1)?.sums) return windows;
  return ofTrial(windows, last.trial, (one) => ({ ...one, sums: null, unpaired: {} }));
}

function withMeasured(
  windows: SessionWindows,
  session: SessionHistory,
  { arm, window }: Extract<TunerEvent, { kind: 'measured' }>,
  wants: WantsSums,
): SessionWindows {
  const { goal } = session.entry;
  const trial = openTrial(session);
  const isAtStart = window.steady && wants(session, null) && sameSettings(window.settings, startOf(session.entry));
  const seen: SessionWindows = {
    ...windows,
    count: windows.count + 1,
    spanMs: windows.spanMs + window.endMs - window.startMs,
    okCalls: windows.okCalls + window.outcomes.ok,
    atStart: isAtStart ? withWindow(windows.atStart, window) : windows.atStart,
    ...limitsWith(windows, session, window),
  };
  const value = objectiveOf(goal.objective, window);
  if (trial && isRunning(trial)) {
    const sums = wants(session, trial) ? {} : { sums: null };
    return ofTrial(seen, trial.trial, (one) => withCell({ ...one, ...sums }, arm, window, value));
  }
  const probe = session.phase === 'probing' ? session.probes.length - 1 : -1;
  const settings = arm === 'candidate' ? session.probes[probe]?.settings : session.inForce;
  const isProbed = probe >= 0 && sameSettings(settings ?? {}, window.settings);
  return isProbed && window.steady && value !== null
    ? { ...seen, probes: withValue(seen.probes, probe, arm, value) }
    : seen;
}

const noValues: ProbeValues = Object.freeze({ baseline: [], candidate: [] });

/** Probes without a window so far get empty lists. */
function withValue(probes: SessionWindows['probes'], probe: number, arm: Arm, value: number): SessionWindows['probes'] {
  return Array.from({ length: Math.max(probes.length, probe + 1) }, (_, i) => {
    const before = probes[i] ?? noValues;
    return i === probe ? { ...before, [arm]: [...before[arm], value] } : before;
  });
}

/** What was measured at another setting, or while a knob moved, says nothing of the setting in force. */
function limitsWith(
  before: Pick<SessionWindows, 'newest' | 'keptOnce'>,
  { entry: { goal, options }, inForce }: SessionHistory,
  window: Window,
): Pick<SessionWindows, 'newest' | 'keptOnce'> {
  // Where nothing is changed, somebody else may set the knobs: whatever was measured was in force.
  const settings = mayChange(options.mode) ? inForce : window.settings;
  const limits = goal.guardrails.filter((one) => one.kind === 'absolute');
  if (limits.length === 0 || !window.steady || !sameSettings(window.settings, settings))
    return { newest: before.newest, keptOnce: before.keptOnce };
  const atSetting = before.newest.filter((one) => sameSettings(one.settings, settings));
  const newest = newestEnough(limits, [...atSetting, window]);
  const neverKept = limits.filter(({ text }) => !before.keptOnce.includes(text));
  const kept = keptNow(neverKept, newest).map(({ text }) => text);
  return { newest, keptOnce: kept.length === 0 ? before.keptOnce : [...before.keptOnce, ...kept] };
}

function withCell(trial: TrialWindows, arm: Arm, window: Window, value: number | null): TrialWindows {
  const { startMs, endMs, steady, offered } = window;
  return {
    ...trial,
    strip: [...trial.strip, { arm, startMs, endMs, steady, offered, value, pair: null }],
    ...(steady && trial.sums && { unpaired: { ...trial.unpaired, [arm]: window } }),
  };
}

function paired(trial: TrialWindows, pair: number): TrialWindows {
  const { strip, sums, unpaired } = trial;
  const inPair = (['baseline', 'candidate'] as const).map((arm) =>
    strip.findLastIndex((one) => one.arm === arm && one.steady),
  );
  const joined = (arm: Arm, before: WindowSums) => (unpaired[arm] ? withWindow(before, unpaired[arm]) : before);
  return {
    ...trial,
    strip: strip.map((cell, i) => (inPair.includes(i) && cell.pair === null ? { ...cell, pair } : cell)),
    sums: sums && { baseline: joined('baseline', sums.baseline), candidate: joined('candidate', sums.candidate) },
    unpaired: {},
  };
}

/** True for a trial of a candidate that runs, waits for a decision, or was kept, and for a hold-back that says no ill of one. */
function mayBeRecommended(trial: TrialHistory): boolean {
  if (trial.purpose === 'hold-back') return trial.decision === null || !triggers[trial.decision.trigger].harms;
  if (trial.purpose !== 'candidate') return false;
  const ending = endingOf(trial);
  return trial.asked || ending === 'running' || ending === 'judged' || ending === 'kept';
}

function ofTrial(windows: SessionWindows, trial: number, change: (one: TrialWindows) => TrialWindows): SessionWindows {
  const { trials } = windows;
  const at = trials.findLastIndex((one) => one.trial === trial);
  const before = trials[at];
  if (before) return { ...windows, trials: trials.with(at, change(before)) };
  return { ...windows, trials: [...trials, change({ ...noTrialWindows, trial })] };
}
