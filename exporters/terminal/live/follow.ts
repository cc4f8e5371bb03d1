/**
 * The live view as a pure reducer: `follow(state, entry)` gives the next state and the lines of
 * story the entry adds. Reads no clock; its words are in story-*.ts.
 */
import type { Window } from '../../../src/contracts.ts';
import { meanMs } from '../../../src/measure/distribution.ts';
import type { Entry, TunerEvent, TunerRecord } from '../../../tuner/entries/entries.ts';
import { objectiveOf } from '../../../tuner/trial/metric.ts';
import { gap, type StoryLine } from './lines.ts';
import type { Glance, LiveTrial, ViewState } from './state.ts';
import { remarkLines } from './story-remark.ts';
import {
  baselineLines,
  endLines,
  noiseLines,
  notTriedLines,
  probeLines,
  recommendationLines,
  restLines,
  sessionLines,
} from './story-session.ts';
import {
  anchorLines,
  askLines,
  backOffLines,
  decisionLines,
  scoreLines,
  sealedLines,
  trialLines,
  verdictLines,
} from './story-trial.ts';

export interface Told {
  readonly state: ViewState;
  readonly lines: readonly StoryLine[];
}

/** Windows of the sparkline, and windows looked at for where the time goes. */
const remembered = { recent: 160, glances: 32 } as const;

export function follow(state: ViewState, entry: Entry): Told {
  switch (entry.kind) {
    case 'session':
      return {
        state: {
          ...state,
          session: entry,
          startedAtMs: entry.startedAtMs,
          inForce: entry.anchor,
          doing: { kind: 'observing', windows: 0 },
        },
        lines: sessionLines(entry),
      };
    case 'event':
      return { state: onEvent(state, entry.event), lines: [] };
    case 'record':
      return onRecord(state, entry.record);
    case 'remark':
      return { state, lines: remarkLines(state, entry.remark) };
  }
}

function onEvent(state: ViewState, event: TunerEvent): ViewState {
  const timed: ViewState = { ...state, nowMs: event.atMs, startedAtMs: state.startedAtMs ?? event.atMs };
  if (event.kind !== 'measured') return timed;
  const { window } = event;
  const objective = state.session?.goal.objective ?? { metric: 'throughput', direction: 'maximize' };
  const value = window.steady ? objectiveOf(objective, window) : null;
  return {
    ...timed,
    recent: value === null ? state.recent : [...state.recent, value].slice(-remembered.recent),
    glances: window.steady ? [...state.glances, glanceOf(window)].slice(-remembered.glances) : state.glances,
    doing: state.doing.kind === 'observing' ? { kind: 'observing', windows: state.doing.windows + 1 } : state.doing,
    trial:
      state.trial && !state.trial.told
        ? { ...state.trial, cells: [...state.trial.cells, { arm: event.arm, value }] }
        : state.trial,
  };
}

function onRecord(state: ViewState, record: TunerRecord): Told {
  switch (record.kind) {
    case 'baseline':
      return {
        state: { ...state, doing: { kind: 'choosing' }, baselines: state.baselines + 1 },
        lines: baselineLines(state, record),
      };
    case 'noise':
      return { state: { ...state, trial: null, doing: { kind: 'choosing' } }, lines: noiseLines(state, record) };
    case 'recommendation':
      return { state, lines: recommendationLines(state, record) };
    case 'not-tried':
      return { state, lines: notTriedLines(state, record) };
    case 'probe':
      return {
        state: { ...state, doing: { kind: 'probing', settings: record.settings } },
        lines: probeLines(state, record),
      };
    case 'sealed':
      return {
        state: {
          ...state,
          sealed: { ...state.sealed, [record.trial]: { predicted: record.predicted, by: record.by } },
        },
        lines: [gap, ...sealedLines(state, record)],
      };
    case 'trial': {
      const { trial, purpose, baseline, candidate, design } = record;
      const live: LiveTrial = {
        trial,
        purpose,
        baseline,
        candidate,
        design,
        cells: [],
        last: null,
        waitsFor: [],
        pairs: 0,
        told: false,
      };
      return { state: { ...state, trial: live, doing: { kind: 'trying' } }, lines: trialLines(record) };
    }
    case 'pair':
      if (state.trial?.trial !== record.trial) return { state, lines: [] };
      return {
        state: {
          ...state,
          trial: { ...state.trial, last: record.pair, waitsFor: record.waitsFor, pairs: state.trial.pairs + 1 },
        },
        lines: [],
      };
    case 'verdict':
      return {
        state: { ...state, trial: state.trial && { ...state.trial, told: true } },
        lines: verdictLines(state, record.trial, record.result),
      };
    case 'ask':
      return {
        state: { ...state, doing: { kind: 'asking', trial: record.trial, settings: record.settings } },
        lines: askLines(record.trial, record.settings),
      };
    case 'decision':
      return {
        state: { ...state, inForce: record.settings, trial: null, doing: { kind: 'choosing' } },
        lines: decisionLines(state, record),
      };
    case 'score':
      return { state, lines: scoreLines(state, record) };
    case 'anchor':
      return {
        state: { ...state, inForce: record.settings, trial: null, doing: { kind: 'observing', windows: 0 } },
        lines: anchorLines(state, record),
      };
    case 'back-off':
      return { state, lines: backOffLines(state, record) };
    case 'phase':
      if (record.phase === 'resting')
        return { state: { ...state, doing: { kind: 'resting' } }, lines: [gap, ...restLines(record.because)] };
      if (record.phase === 'observing')
        return { state: { ...state, doing: { kind: 'observing', windows: 0 } }, lines: [] };
      return {
        state: { ...state, trial: null, doing: { kind: 'ended' } },
        lines: endLines(record.phase, record.because),
      };
    case 'intent':
      return { state, lines: [] };
  }
}

function glanceOf({ settings, stages, stageSamples, latency }: Window): Glance {
  return { settings, stages, stageSamples, meanMs: meanMs(latency), calls: latency.count };
}
