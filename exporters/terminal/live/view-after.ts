/**
 * The live view as a pure reducer: `viewAfter(state, entry)` gives the next state and the lines of
 * story the entry adds. Reads no clock; its words are in story-*.ts.
 */
import type { Window } from '../../../src/contracts.ts';
import type { Entry, EventEntry, RemarkOf, SessionEntry, TunerRecord } from '../../../tuner/entries/entries.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { sinceMsOf } from '../../../tuner/entries/since.ts';
import {
  extendHistory,
  extendWindows,
  isReadable,
  noSessionWindows,
  type SessionHistory,
} from '../../../tuner/history.ts';
import { objectiveOf } from '../../../tuner/trial/metric.ts';
import { brokenText } from '../../words/limits.ts';
import { gap, type StoryLine, text } from './lines.ts';
import { brokenInView, type StageTimes, sessionInView, trialInView, type ViewState } from './state.ts';
import { remarkLines } from './story-remark.ts';
import {
  baselineLines,
  endLines,
  followLines,
  noiseLines,
  notTriedLines,
  probedLines,
  probeLines,
  recommendationLines,
  restLines,
  sessionLines,
  shiftLines,
  suspendedLines,
  turnLines,
} from './story-session.ts';
import {
  anchorLines,
  askLines,
  backOffLines,
  decisionLines,
  knobRestLines,
  scoreLines,
  sealedLines,
  trialLines,
  verdictLines,
} from './story-trial.ts';

export interface ViewStep {
  readonly state: ViewState;
  readonly lines: readonly StoryLine[];
}

/** Windows of the sparkline, and windows from whose stage times is told where the time goes. */
const remembered = { recent: 160, stageTimes: 32 } as const;
/** The view draws strips only, which need no sums of a trial's windows. */
const noSums = () => false;

export function viewAfter(before: ViewState, entry: Entry): ViewStep {
  if (!isReadable(entry)) return { state: before, lines: [] };
  const history = extendHistory(before.history, entry);
  const state: ViewState = { ...before, history };
  const session = sessionInView(state);
  if (entry.kind === 'session') return begun(before, state, entry);
  if (!session || session.entry.session !== entry.session) return { state, lines: [] };
  const seen: ViewState = { ...state, windows: extendWindows(before.windows, session, entry, noSums) };
  switch (entry.kind) {
    case 'event':
      return withAlarms(afterEvent(seen, session, entry));
    case 'record':
      return withPatch(entry.record, withProbe(before, entry.record, afterRecord(seen, before, session, entry.record)));
    case 'remark':
      if (entry.remark.kind === 'patch' && isHeldBack(seen, entry.remark))
        return { state: { ...seen, patchHeld: entry.remark }, lines: [] };
      return { state: seen, lines: remarkLines(before, entry.remark) };
    default:
      return { state: seen, lines: [] };
  }
}

/** A session entry that comes a second time adds no lines. */
function begun(before: ViewState, state: ViewState, entry: SessionEntry): ViewStep {
  if (state.history === before.history) return { state, lines: [] };
  return {
    state: { ...state, windows: noSessionWindows, observedWindows: 0, toldBroken: [], toldProbes: 0, patchHeld: null },
    lines: sessionLines(entry),
  };
}

function afterEvent(state: ViewState, session: SessionHistory, entry: EventEntry): ViewState {
  const { event } = entry;
  const timed: ViewState = { ...state, elapsedMs: sinceMsOf(entry, session.entry) };
  if (event.kind !== 'measured') return timed;
  const { window } = event;
  const value = window.steady ? objectiveOf(session.entry.goal.objective, window) : null;
  return {
    ...timed,
    observedWindows: state.observedWindows + (session.phase === 'observing' ? 1 : 0),
    recent: value === null ? state.recent : [...state.recent, value].slice(-remembered.recent),
    stageTimes: window.steady
      ? [...state.stageTimes, stageTimesOf(window)].slice(-remembered.stageTimes)
      : state.stageTimes,
  };
}

/** A limit that is broken is told of when it is seen first; whether it still is stands at the foot. */
function withAlarms(state: ViewState): ViewStep {
  const broken = brokenInView(state).filter(({ limit }) => !state.toldBroken.includes(limit.text));
  if (broken.length === 0) return { state, lines: [] };
  return {
    state: { ...state, toldBroken: [...state.toldBroken, ...broken.map(({ limit }) => limit.text)] },
    lines: broken.map((one) => text('broken', [{ text: '✗', style: 'bad' }, ` ${brokenText(one)}`], 'bad')),
  };
}

/** What a probe found is told ahead of the first record after it; of what it does to the knobs there are records too. */
function withProbe(before: ViewState, record: TunerRecord, after: ViewState): ViewStep {
  const lines = recordLines(before, record);
  const probes = sessionInView(before)?.probes.length ?? 0;
  if (record.kind === 'intent' || probes <= before.toldProbes) return { state: after, lines };
  return { state: { ...after, toldProbes: probes }, lines: [...probedLines(before), ...lines] };
}

/** Its gain is not seen again yet: whoever pastes the edit now may make last what is reverted in a minute. */
function isHeldBack(state: ViewState, { settings }: RemarkOf<'patch'>): boolean {
  const open = trialInView(state);
  return open?.purpose === 'hold-back' && sameSettings(open.candidate, settings);
}

/** The edit that waited for a hold-back is told once that has passed, and no more once it is decided otherwise. */
function withPatch(record: TunerRecord, { state, lines }: ViewStep): ViewStep {
  const { patchHeld } = state;
  if (patchHeld === null || (record.kind !== 'anchor' && record.kind !== 'decision')) return { state, lines };
  const passed = record.kind === 'anchor' && sameSettings(record.settings, patchHeld.settings);
  return {
    state: { ...state, patchHeld: null },
    lines: passed ? [...lines, ...remarkLines(state, patchHeld)] : lines,
  };
}

function afterRecord(state: ViewState, before: ViewState, session: SessionHistory, record: TunerRecord): ViewState {
  const begun = record.kind === 'trial' ? { ...state, trialSinceMs: state.elapsedMs ?? 0 } : state;
  return session.phase === sessionInView(before)?.phase ? begun : { ...begun, observedWindows: 0 };
}

/** @param state what was known before the record */
function recordLines(state: ViewState, record: TunerRecord): readonly StoryLine[] {
  switch (record.kind) {
    case 'baseline':
      return baselineLines(state, record);
    case 'noise':
      return noiseLines(state, record);
    case 'recommendation':
      return recommendationLines(state, record);
    case 'not-tried':
      return notTriedLines(state, record);
    case 'probe':
      return probeLines(state, record);
    case 'sealed':
      return [gap, ...sealedLines(state, record)];
    case 'trial':
      return trialLines(state, record);
    case 'verdict':
      return verdictLines(state, record.trial, record.result);
    case 'ask':
      return askLines(state, record.trial, record.settings);
    case 'decision':
      return decisionLines(state, record);
    case 'score':
      return scoreLines(state, record);
    case 'anchor':
      return anchorLines(state, record);
    case 'back-off':
      return backOffLines(state, record);
    case 'follow':
      return followLines(state, record);
    case 'shift':
      return shiftLines(record);
    case 'turn':
      return turnLines(record);
    case 'knob-rest':
      return knobRestLines(record);
    case 'phase':
      return phaseLines(record);
    default:
      return [];
  }
}

function phaseLines({ phase, reason }: Extract<TunerRecord, { kind: 'phase' }>): readonly StoryLine[] {
  if (phase === 'observing') return [];
  if (phase === 'suspended') return [gap, ...suspendedLines(reason)];
  return phase === 'resting' ? [gap, ...restLines(reason)] : endLines(phase, reason);
}

function stageTimesOf({ settings, stages, stageSamples }: Window): StageTimes {
  return { settings, stages, stageSamples };
}
