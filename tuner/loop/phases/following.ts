/**
 * Following, in a session without the lease whose mode is auto: the anchor of the holder is put in force
 * here too. A trial of the holder never is. Once in force, the followed anchor is this session's own, as a
 * committed setting is: it stays in force when the session ends.
 *
 * The holder has proven it under the holder's calls, so this process's own guardrails are read as long as
 * it is in force. When one is broken, the session goes back to its configured default and does not follow
 * this anchor again until the holder has written another.
 *
 *   the holder writes its anchor ─▶ intent ─▶ settle ─▶ taken ─▶ measure ⟲ ── a guardrail broken ─▶ left
 *                                                └── a knob refuses ─▶ refused
 */
import type { Settings } from '../../../src/contracts.ts';
import { messageOf } from '../../../src/foundation/errors.ts';
import type { Followed, TunerEvent } from '../../entries/entries.ts';
import { completeSettings, sameSettings } from '../../entries/settings.ts';
import { readBeforeAfter } from '../../trial/before-after.ts';
import { drainMs } from '../../trial/design.ts';
import type { PhaseOf, State, Step } from '../state.ts';
import { type FailedEvent, type Handled, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';

/** The newest windows at the followed anchor, from which guardrails are read. */
const mostWindows = 24;

/** The holder of the lease has written its anchor. */
export function take(step: StepBuilder, { settings }: Extract<TunerEvent, { readonly kind: 'anchor' }>): Step {
  const { session, current, declined, phase } = step.state;
  if (!session.follows || phase.kind === 'ending' || phase.kind === 'ended') return step.stay();
  if (declined && sameSettings(settings, declined)) return step.stay();
  step.change({ declined: null });
  const refusal = refusalOf(step.state, settings);
  if (refusal !== null) {
    step.change({ declined: settings });
    step.record(followed(settings, 'refused', refusal));
    return step.stay();
  }
  if (sameSettings(settings, current)) return step.stay();
  step.change({ current: settings });
  step.record({ kind: 'intent', settings, purpose: 'follow' });
  return enter(step);
}

export function enter(step: StepBuilder): Step {
  return step.settle({ kind: 'following', windows: [], taken: 0 });
}

/** True while a session stands on an anchor that it follows: it goes on following after a rest. */
export function isFollowing({ session, anchor }: State): boolean {
  return !sameSettings(anchor, session.anchor);
}

export function on(step: StepBuilder, phase: PhaseOf<'following'>, event: PhaseEvent): Handled {
  const { current, anchor } = step.state;
  const isTaken = sameSettings(current, anchor);
  switch (event.kind) {
    case 'failed':
      return isTaken ? step.giveUp(event) : refused(step, event);
    case 'measured': {
      step.remember(event);
      const { window } = event;
      const isHere = window.steady && sameSettings(window.settings, current);
      const windows = isHere ? [...phase.windows, window].slice(-mostWindows) : phase.windows;
      const broken = readingsOf(step.state, windows).find((one) => one.state === 'broken');
      if (broken) return leave(step, `${broken.guardrail.text} is broken here: ${broken.detail}`);
      return measure(step, { kind: 'following', windows, taken: phase.taken + 1 });
    }
    case 'answer':
    case 'done':
      if (!isTaken) {
        step.change({ anchor: current });
        step.record(followed(current, 'taken', 'the process that tunes stands on it', unjudgedIn(step.state)));
      }
      return isFollowing(step.state) ? measure(step, phase) : { enter: 'observing', windows: [] };
  }
}

/** The ledger cannot be written: an anchor that is not in force yet is not put in force, until it is told again. */
export function letBe(step: StepBuilder): Handled {
  const { current, anchor } = step.state;
  if (sameSettings(current, anchor)) return step.stay();
  step.change({ current: anchor });
  step.record({ kind: 'intent', settings: anchor, purpose: 'revert' });
  return { enter: 'observing', windows: [] };
}

/** The first windows are short, because a harm shows soon; later ones are as long as in watching. */
function measure(step: StepBuilder, phase: PhaseOf<'following'>): Step {
  const { session, current, reference } = step.state;
  const { windowMs, baselineWindows } = session.options;
  if (phase.taken >= baselineWindows) return step.measure(phase, current, { forMs: watchMs });
  if (phase.taken > 0) return step.measure(phase, current);
  const draining = drainMs(reference.windows.slice(-4));
  return step.measure(phase, current, { discardMs: Math.min(windowMs, Math.max(0.1 * windowMs, draining)) });
}

/** Stays on the anchor it had, after a knob did not take the holder's. */
function refused(step: StepBuilder, { what, message }: FailedEvent): Handled {
  const { current, anchor } = step.state;
  step.change({ current: anchor, declined: current });
  step.record(
    { kind: 'intent', settings: anchor, purpose: 'revert' },
    followed(current, 'refused', `${what}: ${message}`),
  );
  return { enter: 'observing', windows: [] };
}

/** Goes back to the configured default, which is the anchor again. */
function leave(step: StepBuilder, reason: string): Handled {
  const { session, anchor } = step.state;
  step.change({ anchor: session.anchor, current: session.anchor, declined: anchor });
  step.record({ kind: 'intent', settings: session.anchor, purpose: 'revert' }, followed(anchor, 'left', reason));
  return { enter: 'observing', windows: [] };
}

/** The reason why the knobs of this process do not take the anchor; null when they do. */
function refusalOf({ session }: State, settings: Settings): string | null {
  try {
    completeSettings(session.knobs, session.anchor, settings, session.options.fixed);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function followed(
  settings: Settings,
  outcome: Followed['outcome'],
  reason: string,
  unjudged: readonly string[] = [],
): Followed {
  return { kind: 'follow', settings, outcome, unjudged, reason };
}

function readingsOf({ session, seen }: State, windows: PhaseOf<'following'>['windows']) {
  const before = seen.filter((one) => sameSettings(one.settings, session.anchor));
  return readBeforeAfter(session, before, windows);
}

function unjudgedIn(state: State): readonly string[] {
  return readingsOf(state, []).flatMap(({ state: is, guardrail, detail }) =>
    is === 'unjudged' ? [`${guardrail.text}: ${detail}`] : [],
  );
}
