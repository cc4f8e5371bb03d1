/**
 * The tuner's loop as one pure function: `transition(state, event)` gives the next state, the
 * records to write down, and the one thing to do next. It reads no clock and no chance of its own
 * (coins are named by the session's seed), so the events of a ledger replay to its records to the
 * byte. The shell is ../tune.ts; phases are drawn in state.ts.
 */
import type { Measured, Settings } from '../../src/contracts.ts';
import type { Trigger, TunerEvent, TunerRecord } from '../entries/entries.ts';
import { changes } from '../entries/settings.ts';
import { mayChange } from '../options.ts';
import { choose, rest } from './choose.ts';
import { fallBack, held, takenBackRecord } from './hold-back.ts';
import { measure, remember, watchMs } from './measure.ts';
import { observe, observed, watched } from './observe.ts';
import { probed } from './probe.ts';
import { measuredOf } from './run.ts';
import type { Run, State, Step } from './state.ts';
import { committed, interrupted, noiseMeasured, tried } from './trying.ts';

export function transition(state: State, event: TunerEvent): Step {
  switch (event.kind) {
    case 'begin': {
      if (!mayChange(state.session.options.mode)) return observe(state);
      const anchored: TunerRecord = { kind: 'intent', settings: state.anchor, purpose: 'anchor' };
      return {
        state: { ...state, phase: { kind: 'settling', then: 'observe' } },
        records: [anchored],
        action: { kind: 'settle', settings: state.anchor },
      };
    }
    case 'measured':
      return carriedOut(mayChange(state.session.options.mode) ? state : following(state, event.effective), event);
    case 'done':
      return carriedOut(state, event);
    case 'failed':
      return failed(state, event);
    case 'propose': {
      const queued: State = { ...state, queue: [...state.queue, event.proposal] };
      if (state.phase.kind === 'resting') return choose(queued, event.atMs);
      return { state: queued, records: [], action: null };
    }
    case 'answer':
      return answered(state, event);
    case 'off':
      return ending(state, 'off', event.why, event.atMs);
    case 'stop':
      return ending(state, 'stopped', 'stop() was called', event.atMs);
  }
}

/** Whoever only looks on takes the setting in force for what it is, and collects a new reference there. */
function following(state: State, effective: Settings): State {
  if (changes(state.current, effective).length === 0) return state;
  return { ...state, current: effective, anchor: effective, baseline: [] };
}

/** What the last action asked for has happened. */
function carriedOut(state: State, event: Extract<TunerEvent, { kind: 'measured' | 'done' }>): Step {
  const { phase } = state;
  const measured = event.kind === 'measured' ? event : null;
  switch (phase.kind) {
    case 'observing':
      return measured ? observed(state, phase.taken, measured.window, event.atMs) : observe(state);
    case 'watching':
      return measured ? watched(state, measured.window) : observe(state);
    case 'noise':
      return noiseMeasured(state, phase.run, measured);
    case 'probing': {
      const seen: readonly Measured[] = measured ? [...phase.seen, measuredOf(measured)] : phase.seen;
      return probed(state, phase.settings, seen, event.atMs);
    }
    case 'trying':
      return tried(state, phase.run, measured, event.atMs);
    case 'asking':
      return event.atMs < phase.untilMs
        ? { state, records: [], action: { kind: 'await', untilMs: phase.untilMs } }
        : interrupted(state, phase.run, 'unanswered', 'nobody answered in time, and evidence ages', event.atMs);
    case 'holding':
      return held(state, phase.run, phase.gap, measured, event.atMs);
    case 'settling':
      return settled(state, phase, event.atMs);
    case 'resting': {
      const next = measured ? { ...state, seen: remember(state.seen, measured.window) } : state;
      if (event.atMs >= phase.untilMs) {
        return observe({ ...next, baseline: [] }, [
          { kind: 'phase', phase: 'observing', because: 'rested long enough' },
        ]);
      }
      return { state: next, records: [], action: measure(next, next.current, { forMs: watchMs }) };
    }
    case 'ended':
      return { state, records: [], action: { kind: 'end' } };
  }
}

function settled(state: State, phase: Extract<State['phase'], { kind: 'settling' }>, atMs: number): Step {
  switch (phase.then) {
    case 'choose':
      return choose(state, atMs);
    case 'observe':
      return observe(state);
    case 'rest':
      return rest(state, atMs, []);
    case 'end':
      return {
        state: { ...state, phase: { kind: 'ended' } },
        records: [{ kind: 'phase', phase: 'ended', onAnchor: true, because: 'on the anchor' }],
        action: { kind: 'end' },
      };
  }
}

/** Something could not be applied: nothing changed by contract, and a trial cannot go on. */
function failed(state: State, event: Extract<TunerEvent, { kind: 'failed' }>): Step {
  const because = `${event.what}: ${event.message}`;
  const run = runOf(state);
  if (run && (state.phase.kind === 'trying' || state.phase.kind === 'asking'))
    return interrupted(state, run, 'apply failed', because, event.atMs);
  if (run && state.phase.kind === 'holding') return fallBack(state, run, 'apply failed', because, event.atMs);
  if (state.phase.kind === 'settling' || state.phase.kind === 'ended') {
    return {
      state: { ...state, phase: { kind: 'ended' } },
      records: [
        {
          kind: 'phase',
          phase: 'ended',
          onAnchor: false,
          because: `NOT on the anchor: ${JSON.stringify(event.settings)} is in force, ${because}`,
        },
      ],
      action: { kind: 'end' },
    };
  }
  return {
    state: { ...state, current: state.anchor, phase: { kind: 'settling', then: 'rest' } },
    records: [
      { kind: 'not-tried', code: 'apply-failed', settings: null, because },
      { kind: 'intent', settings: state.anchor, purpose: 'revert' },
    ],
    action: { kind: 'settle', settings: state.anchor },
  };
}

function answered(state: State, event: Extract<TunerEvent, { kind: 'answer' }>): Step {
  const { phase } = state;
  if (phase.kind !== 'asking' || phase.run.trial !== event.trial) return { state, records: [], action: null };
  if (!event.accept) return interrupted(state, phase.run, 'declined', 'the answer was no', event.atMs);
  const step = committed(state, phase.run, phase.trigger, 'proven in its trial and accepted', event.atMs, []);
  if (step.state.phase.kind !== 'holding') return step;
  // Both settings were let go while we waited for the answer.
  return { ...step, action: { kind: 'warm', a: phase.run.baseline, b: phase.run.candidate } };
}

/** Whatever is under way ends on the anchor, within one window. */
function ending(state: State, trigger: Extract<Trigger, 'off' | 'stopped'>, because: string, atMs: number): Step {
  const run = runOf(state);
  const underWay = run !== null && (state.phase.kind === 'trying' || state.phase.kind === 'asking');
  const step = underWay ? interrupted(state, run, trigger, because, atMs) : { records: [] };
  const heldBack = state.phase.kind === 'holding';
  return {
    state: { ...state, current: state.anchor, queue: [], phase: { kind: 'settling', then: 'end' } },
    records: [
      ...step.records,
      ...(heldBack && run ? [takenBackRecord(state, run, trigger, unconfirmed)] : []),
      { kind: 'phase', phase: trigger, because },
      ...(mayChange(state.session.options.mode)
        ? [{ kind: 'intent', settings: state.anchor, purpose: 'anchor' } as const]
        : []),
    ],
    action: { kind: 'settle', settings: state.anchor },
  };
}

const unconfirmed = 'the commit was not confirmed yet, so the anchor is the setting before it';

function runOf(state: State): Run | null {
  return 'run' in state.phase ? (state.phase.run ?? null) : null;
}
