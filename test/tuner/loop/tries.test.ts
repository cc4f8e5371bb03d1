/** After an action failed nothing is asked of the executor for a while, and yet a limit may break meanwhile. */
import { expect, test } from 'vitest';
import type { SessionEntry, TunerEvent } from '../../../tuner/entries/entries.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import { transition } from '../../../tuner/loop/transition.ts';
import type { Run } from '../../../tuner/trial/run.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { windowOf } from '../trial/build-window.ts';

const restMs = 3_600_000;
const [entry] = new SampleSession({ tune: { mode: 'auto', expert: { restMs } } }).entries;
const session = entry as SessionEntry;

/** What a session does on each event, at so many seconds of its own. */
function told(from: State, events: readonly (readonly [atS: number, kind: 'done' | 'failed' | 'measured'])[]) {
  let state = from;
  return events.map(([atS, kind]) => {
    const step = transition(state, eventOf(state, kind, session.startedAtMs + 1000 * atS), 1000 * atS);
    state = step.state;
    return step.action;
  });
}

function eventOf({ current }: State, kind: 'done' | 'failed' | 'measured', atMs: number): TunerEvent {
  if (kind === 'done') return { kind, atMs };
  if (kind === 'failed') return { kind, atMs, what: 'measure', message: 'no window', settings: current };
  return { kind, atMs, arm: 'baseline', window: windowOf({ settings: current }), effective: current };
}

test('in a rest after a failure windows are tried again after five seconds, then twice as late each time', () => {
  const actions = told(initialState(session), [
    [0, 'failed'],
    [0, 'done'],
    [5, 'done'],
    [5, 'failed'],
    [15, 'done'],
    [15, 'failed'],
    [35, 'done'],
    [40, 'measured'],
    [45, 'measured'],
  ]);
  expect(actions).toMatchObject([
    { kind: 'settle' },
    { kind: 'await', forMs: 5000 },
    { kind: 'measure' },
    { kind: 'await', forMs: 10_000 },
    { kind: 'measure' },
    { kind: 'await', forMs: 20_000 },
    { kind: 'measure' },
    { kind: 'measure' },
    { kind: 'measure' },
  ]);
});

test('while an answer is awaited a window that could not be measured is tried again after five seconds', () => {
  const asking = { kind: 'asking', trigger: 'better', untilMs: 12_000, run: {} as Run } as const;
  const actions = told({ ...initialState(session), phase: asking }, [
    [1, 'failed'],
    [6, 'done'],
    [11, 'failed'],
  ]);
  expect(actions).toMatchObject([
    { kind: 'await', forMs: 5000 },
    { kind: 'measure' },
    // Nobody waits for longer than the answer is waited for.
    { kind: 'await', forMs: 1000 },
  ]);
});
