/**
 * Whole sessions of the tuner, played without a shell: `transition` says what to do next, a simulated
 * world does it, and what came of it is the next event. What the user and the machine throw in between
 * comes from a script, so that the sessions together enter every phase and bring every kind of event.
 */
import type { Settings } from '../../src/contracts.ts';
import { usableCpus } from '../../src/foundation/cpus.ts';
import type { SessionEntry, TunerEvent } from '../../tuner/entries/entries.ts';
import { initialState, type State } from '../../tuner/loop/state.ts';
import { transition } from '../../tuner/loop/transition.ts';
import { type Mode, resolveTuneOptions } from '../../tuner/options.ts';
import { readEnvironment } from '../../tuner/shell/environment.ts';
import { quiet } from '../worlds/arms.ts';
import { measure } from '../worlds/measure.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { WorldSpec } from '../worlds/spec.ts';

/** An event of a session, with the state it was met in. */
export interface Moment {
  readonly state: State;
  readonly event: TunerEvent;
}

/** What comes from outside: asked before each event, with the phase the session is in and how often it was asked there. */
type Script = (phase: State['phase'], askedHere: number, state: State, atMs: number) => TunerEvent | undefined;

const anchor: Settings = { concurrency: 8 };
/** Half of the time is waited away, so that a wider gate may be worth a probe. */
const walked: WorldSpec = {
  ...quiet,
  name: 'walked',
  knobs: [
    {
      id: 'concurrency',
      unit: 'calls',
      domain: { min: 1, max: 64, scale: 'log', integer: true },
      cost: 'per-unit',
      defaultValue: 8,
    },
  ],
  law: ({ concurrency }) => ({ perSecond: concurrency === anchor['concurrency'] ? 2000 : 2600, waitShare: 0.5 }),
};
const mostEvents = 5000;

export function playSessions(): Promise<readonly (readonly Moment[])[]> {
  const proposal = (concurrency: number) => ({ settings: { concurrency }, reason: 'to be walked' });
  const finds: Script = ({ kind }, asked, { nextTrial }, atMs) => {
    if (kind === 'observing' && asked === 1)
      return { kind: 'propose', atMs, proposal: proposal(nextTrial > 2 ? 8 : 16) };
    return kind === 'resting' && asked === 3 ? { kind: 'stop', atMs } : undefined;
  };
  const asks =
    (accept: boolean): Script =>
    (phase, asked, _state, atMs) => {
      if (phase.kind === 'observing' && asked === 1) return { kind: 'propose', atMs, proposal: proposal(16) };
      if (phase.kind === 'asking' && asked === 1) return { kind: 'answer', atMs, trial: phase.run.trial, accept };
      return phase.kind === 'resting' && asked === 1 ? { kind: 'off', atMs, reason: 'to be walked' } : undefined;
    };
  const breaks =
    (during: State['phase']['kind']): Script =>
    ({ kind }, asked, state, atMs) => {
      if (kind === 'observing' && asked === 1) return { kind: 'propose', atMs, proposal: proposal(16) };
      if (kind === during && asked === 3)
        return { kind: 'failed', atMs, what: 'measure', message: 'to be walked', settings: state.current };
      return kind === 'resting' && asked === 1 ? { kind: 'stop', atMs } : undefined;
    };
  const suspends: Script = ({ kind }, asked, state, atMs) => {
    const ledger = (writable: boolean): TunerEvent => ({ kind: 'ledger', atMs, writable, reason: 'to be walked' });
    if (kind === 'observing' && asked === 1) return { kind: 'propose', atMs, proposal: proposal(16) };
    if (kind === 'trying' && asked === 3) return ledger(false);
    if (kind === 'suspended' && asked === 2)
      return { kind: 'failed', atMs, what: 'measure', message: 'to be walked', settings: state.current };
    if (kind === 'suspended' && asked === 4) return { kind: 'propose', atMs, proposal: proposal(32) };
    if (kind === 'suspended' && asked === 6) return ledger(true);
    return kind === 'resting' && asked === 1
      ? { kind: 'end', atMs, why: 'handed over', reason: 'to be walked' }
      : undefined;
  };
  const watches: Script = (_phase, asked, _state, atMs) => (asked === 20 ? { kind: 'stop', atMs } : undefined);
  const follows: Script = ({ kind }, asked, _state, atMs) => {
    if (kind === 'observing' && asked === 3) return { kind: 'anchor', atMs, settings: { concurrency: 16 } };
    return kind === 'following' && asked === 20 ? { kind: 'stop', atMs } : undefined;
  };
  const predicts: Script = ({ kind }, asked, _state, atMs) =>
    kind === 'resting' && asked === 1 ? { kind: 'stop', atMs } : undefined;
  const waits: Script = ({ kind }, asked, _state, atMs) => {
    const waitsFor = "'other' of process 1 on host";
    if (kind === 'observing' && asked === 1) return { kind: 'propose', atMs, proposal: proposal(16) };
    if (kind === 'choosing' && asked === 1) return { kind: 'done', atMs, waitsFor };
    // A window, then the turn is asked for again: the third time it has come.
    if (kind === 'waiting' && (asked === 2 || asked === 4)) return { kind: 'done', atMs, waitsFor };
    return kind === 'resting' && asked === 1 ? { kind: 'stop', atMs } : undefined;
  };
  return Promise.all([
    play('auto', finds),
    play('confirm', asks(true)),
    play('confirm', asks(false)),
    play('auto', breaks('trying')),
    play('auto', breaks('hold-back')),
    play('auto', suspends),
    play('observe', watches),
    play('observe', follows, { follows: true }),
    play('auto', predicts),
    play('auto', waits),
  ]);
}

async function play(mode: Mode, script: Script, part: Partial<SessionEntry> = {}): Promise<readonly Moment[]> {
  const world = createWorld(walked, 7);
  const session = { ...sessionOf(mode, world.executor.knobs), ...part };
  const moments: Moment[] = [];
  const asked = new Map<State['phase']['kind'], number>();
  let state = initialState(session);
  let event: TunerEvent = { kind: 'begin', atMs: 0 };
  let nowMs = 0;
  while (moments.length < mostEvents) {
    moments.push({ state, event });
    const step = transition(state, event);
    state = step.state;
    if (step.action?.kind === 'end') return moments;
    const { kind } = state.phase;
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    const outside = script(state.phase, asked.get(kind) as number, state, nowMs);
    if (outside) {
      event = outside;
    } else if (step.action?.kind === 'measure') {
      const { settings, arm, discardMs, forMs } = step.action;
      const window = await measure(world, settings, { discardMs, forMs });
      const { endMs } = window;
      nowMs = endMs;
      event = { kind: 'measured', atMs: endMs, arm, window, effective: settings };
    } else {
      if (step.action?.kind === 'await') nowMs += step.action.forMs;
      event = { kind: 'done', atMs: nowMs };
    }
  }
  throw new Error(`expected a session of mode ${mode} to end within ${mostEvents} events, got none`);
}

function sessionOf(mode: Mode, knobs: SessionEntry['knobs']): SessionEntry {
  const { options, goal } = resolveTuneOptions({
    mode,
    maximize: 'throughput',
    subjectTo: ['errors < 5%'],
    seed: 7,
    expert: { baselineWindows: 8, noisePairs: 6 },
  });
  return {
    kind: 'session',
    schemaVersion: 0,
    session: 1,
    startedAtMs: 0,
    executor: 'walked',
    seed: options.seed,
    options,
    goal,
    load: walked.load.kind,
    knobs,
    anchor,
    recalled: { spent: [], scores: [], ruledOut: [], known: [] },
    environment: readEnvironment(usableCpus().count),
  };
}
