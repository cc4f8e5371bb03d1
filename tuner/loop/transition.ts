/**
 * The tuner's loop as one pure function: `transition(state, event)` gives the next state, the records
 * to append to the ledger, and the one action to do next. It reads no clock and no random source (the
 * session's seed gives all its coins), so the events of a ledger replay to its records to the byte. The
 * shell is in ../shell/. The phases are drawn in state.ts, and each has a file in phases/.
 */
import type { TunerEvent } from '../entries/entries.ts';
import { alarmAfter } from '../trial/limit-alarm.ts';
import * as asking from './phases/asking.ts';
import * as choosing from './phases/choosing.ts';
import * as ending from './phases/ending.ts';
import * as following from './phases/following.ts';
import * as holdBack from './phases/hold-back.ts';
import * as noise from './phases/noise.ts';
import * as observing from './phases/observing.ts';
import * as probing from './phases/probing.ts';
import * as resting from './phases/resting.ts';
import * as suspended from './phases/suspended.ts';
import * as trying from './phases/trying.ts';
import * as waiting from './phases/waiting.ts';
import * as watching from './phases/watching.ts';
import { onOtherCpus } from './shifts.ts';
import type { Entering, State, Step } from './state.ts';
import { type Handled, type MeasuredEvent, type PhaseEvent, StepBuilder } from './step.ts';

/**
 * @param sinceMs since the session began, on a clock that only goes forward. By default it is what the Unix
 *   times say.
 */
export function transition(state: State, event: TunerEvent, sinceMs = event.atMs - state.session.startedAtMs): Step {
  const step = new StepBuilder(state, event.atMs, sinceMs);
  let handled = handle(step, event);
  while ('enter' in handled) handled = enter(step, handled);
  return handled;
}

function handle(step: StepBuilder, event: TunerEvent): Handled {
  switch (event.kind) {
    case 'begin':
      if (step.state.mayChange) step.record({ kind: 'intent', settings: step.state.anchor, purpose: 'anchor' });
      return { enter: 'observing', windows: [] };
    case 'off':
      return ending.enter(step, 'off', event.reason);
    case 'stop':
      return event.interruptedBy === undefined
        ? ending.enter(step, 'stopped', 'the tuner was asked to stop')
        : ending.enter(step, 'interrupted', `${event.interruptedBy} asked the program to end`);
    case 'end':
      return ending.enter(step, event.why, event.reason);
    case 'ledger':
      return onLedger(step, event);
    case 'propose':
      if (step.state.phase.kind === 'suspended') return suspended.onProposal(step, step.state.phase, event.proposal);
      step.change({ queue: [...step.state.queue, event.proposal] });
      return step.state.phase.kind === 'resting' ? { enter: 'choosing' } : step.stay();
    case 'anchor':
      return following.take(step, event);
    case 'answer':
      return step.state.phase.kind === 'asking' ? inPhase(step, event) : step.stay();
    case 'failed':
      step.restKnobs(event);
      return inPhase(step, event);
    case 'measured':
      readLimits(step, event);
      return (step.isOnOtherCpus(event) ? onOtherCpus(step, event) : null) ?? inPhase(step, event);
    case 'done':
      return inPhase(step, event);
  }
}

/** Reads the limits of the goal in a window, whatever it was measured for, and records those that turned. */
function readLimits(step: StepBuilder, { window }: MeasuredEvent): void {
  const { mayChange, current, limits: before, session } = step.state;
  const inForce = mayChange ? current : window.settings;
  const { alarm, turned } = alarmAfter(before, session.goal.guardrails, window, inForce);
  if (alarm !== before) step.change({ limits: alarm });
  for (const { limit, ...one } of turned)
    step.record({ kind: 'limit', guardrail: limit.text, metric: limit.metric, ...one, atMs: step.atMs });
}

/** Trouble with the ledger is nothing to a session that changes no setting, or that is ending anyway. */
function onLedger(step: StepBuilder, { writable, reason }: Extract<TunerEvent, { kind: 'ledger' }>): Handled {
  const { phase, mayChange } = step.state;
  if (!mayChange || phase.kind === 'ending' || phase.kind === 'ended') return step.stay();
  // A session that follows tries nothing, so that it goes on as it is.
  if (step.state.session.follows) return writable ? step.stay() : following.letBe(step);
  if (writable === (phase.kind !== 'suspended')) return step.stay();
  return writable ? suspended.leave(step, reason) : suspended.enter(step, reason);
}

function inPhase(step: StepBuilder, event: PhaseEvent): Handled {
  const { phase } = step.state;
  switch (phase.kind) {
    case 'observing':
      return observing.on(step, phase, event);
    case 'watching':
      return watching.on(step, phase, event);
    case 'following':
      return following.on(step, phase, event);
    case 'choosing':
      return choosing.on(step, phase, event);
    case 'waiting':
      return waiting.on(step, phase, event);
    case 'noise':
      return noise.on(step, phase, event);
    case 'probing':
      return probing.on(step, phase, event);
    case 'trying':
      return trying.on(step, phase, event);
    case 'asking':
      return asking.on(step, phase, event);
    case 'hold-back':
      return holdBack.on(step, phase, event);
    case 'resting':
      return resting.on(step, phase, event);
    case 'suspended':
      return suspended.on(step, phase, event);
    case 'ending':
      return ending.on(step, phase, event);
    case 'ended':
      return step.stay();
  }
}

function enter(step: StepBuilder, entering: Entering): Handled {
  switch (entering.enter) {
    case 'observing':
      return step.state.session.follows && following.isFollowing(step.state)
        ? following.enter(step)
        : observing.enter(step, entering);
    case 'watching':
      return watching.enter(step);
    case 'choosing':
      return choosing.enter(step);
    case 'waiting':
      return waiting.enter(step, entering);
    case 'noise':
      return noise.enter(step);
    case 'probing':
      return probing.enter(step, entering);
    case 'trying':
      return trying.enter(step, entering);
    case 'asking':
      return asking.enter(step, entering);
    case 'hold-back':
      return holdBack.enter(step, entering);
    case 'resting':
      return resting.enter(step, entering);
  }
}
