/**
 * What a shift does to the loop. What was seen, ruled out and counted before says nothing of what comes:
 * it is forgotten, and a new reference is taken.
 *
 *   a window at rest ─ atRest ─▶ load, level, latency, mix and CPUs, against those before at the same setting
 *   a window at rest, in the first quarter of an hour of a setting ─▶ the level before the change (since-change.ts)
 *   a window at rest, or a reference, soon after an audit ─▶ the level while that switched the setting (audits.ts)
 *   windows of a reference, once there was a rest ─ onShift ─▶ the same (phases/observing.ts)
 *   any other window ─ onOtherCpus ─▶ CPUs alone, against those of the reference: what runs ends without a verdict
 *
 * How often a shift may wake the tuner is bounded (wakes.ts). Where it may not, a new reference is taken nevertheless
 * if the load may be one that is known (known-loads.ts), which costs nobody a call; where it is none, the rest goes on.
 * Windows under other CPUs are forgotten also where it may not, and the rest then ends at the first moment at which
 * it may.
 */
import type { RecordOf, Trigger } from '../entries/entries.ts';
import { endedAt } from '../entries/recalled.ts';
import { scoreAfterShift } from '../predict/calibrate.ts';
import { mayBeBack } from '../predict/known-loads.ts';
import { loadOf } from '../trial/design.ts';
import { goalNow } from '../trial/goal-now.ts';
import { cpusSeen, watchedWith, watchesStill, watchFrom } from '../trial/level-watch.ts';
import { candidateCallsIn, type Run } from '../trial/run.ts';
import { type Audits, afterShift, afterSinking } from './audits.ts';
import { cutShort } from './phases/probing.ts';
import { levelAfter, newestAtRest, sunkenNow, troubledNow } from './since-change.ts';
import type { Entering } from './state.ts';
import type { MeasuredEvent, StepBuilder } from './step.ts';
import { forgetVisits } from './visits.ts';
import { waitAfterMs, wokenAt } from './wakes.ts';

type Shifted = Omit<RecordOf<'shift'>, 'kind' | 'atMs'>;

const changedCpus: Trigger = 'cpus changed';
const anew: Entering = { enter: 'observing', windows: [] };

/**
 * @param untilMs end of the rest, which goes on after an audit where the shift may not end it
 * @returns the way to a new reference after a shift that may wake the tuner, or asks for an audit; else null
 */
export function atRest(step: StepBuilder, { window }: MeasuredEvent, untilMs: number): Entering | null {
  const { session, current, reference, cpus, watch: known } = step.state;
  const { objective } = goalNow(step.state);
  const load = loadOf({ session, reference });
  const goesOn = known !== null && watchesStill(known, { settings: current, load, objective });
  const watch = goesOn ? known : watchFrom(current, load, objective, reference.windows);
  const next = watchedWith(watch, [window], reference.windows);
  step.change({ watch: next.watch });
  const seen = cpusSeen(reference.cpus, cpus) ?? next.seen;
  const asked = askedNow(step);
  const shifted = seen && onShift(step, seen, untilMs);
  if (asked === null) return shifted;
  step.change({ audits: { ...step.state.audits, ...asked.found } });
  return shifted ?? onAsked(step, asked.says, untilMs);
}

/** What asks for an audit while nothing has shifted, and what it has found. */
function askedNow({ state, nowMs }: StepBuilder): { readonly says: string; readonly found: Partial<Audits> } | null {
  const again = afterSinking(state, nowMs, newestAtRest(state));
  if (again) return { says: again.asked, found: {} };
  const { misses, lastMs } = state.audits;
  // An audit that told nothing is not asked for again at once: what asked for it is still there at the next window.
  if (nowMs - lastMs < waitAfterMs(misses, state.session.options.restMs)) return null;
  const sunken = sunkenNow(state, nowMs);
  if (sunken) return { says: sunken.says, found: { sunken: sunken.windows } };
  const trouble = troubledNow(state, nowMs);
  return trouble && { says: trouble.says, found: { trouble } };
}

/** What was just proven may cost what builds up, or is rare (since-change.ts): its default is audited, and the rest goes on after that. */
function onAsked(step: StepBuilder, asked: string, untilMs: number): Entering {
  const { audits, quietUntilMs } = step.state;
  step.change({ audits: { ...audits, asked, fell: true }, quietUntilMs: Math.max(quietUntilMs, untilMs) });
  step.record({ kind: 'phase', phase: 'observing', reason: `${asked}: the configured default is tried again` });
  return anew;
}

/** The same, of a shift that was seen: at rest, or while a reference is taken anew. */
export function onShift(step: StepBuilder, seen: Shifted, untilMs: number): Entering | null {
  // What the shift ends of the audits is ended before one is asked for.
  const woken = wakes(step, seen);
  const audits = afterShift(step.state, step.nowMs, seen);
  const isKnown = mayBeBack(step.state);
  if (!woken && !audits && !isKnown) return null;
  if (audits) step.change({ audits });
  if (!woken) {
    // What was visited stays known where only the load may have come back: a new reference says whether it did.
    if (audits) step.tell(forgetVisits(step.state, step, seen.reason));
    step.change({ seen: [], watch: null, quietUntilMs: Math.max(step.state.quietUntilMs, untilMs) });
    step.record({
      kind: 'phase',
      phase: 'observing',
      reason: `${seen.reason}: ${audits ? 'the configured default is tried again' : 'it may be a load that is known'}`,
    });
  }
  return anew;
}

/**
 * Notes that the CPUs are others than in the window before, or than in the reference.
 * @returns the way to a new reference where others than those of the reference end what is compared, or the
 *   reference itself; null where nothing ends
 */
export function onOtherCpus(step: StepBuilder, event: MeasuredEvent): Entering | null {
  const { cpus: before, reference, phase } = step.state;
  const cpus = step.cpusIn(event);
  if (cpus !== before) {
    step.change({ cpus, seen: [] });
    step.tell(forgetVisits(step.state, step, `${cpus} CPUs instead of ${before}`));
  }
  if (phase.kind === 'observing') return cpus === before ? null : anew;
  const seen = cpusSeen(reference.cpus, cpus);
  if (!seen) return null;
  switch (phase.kind) {
    case 'trying':
    case 'asking':
    case 'hold-back':
      step.revert(withCallsOf(phase.run, event), 'revert', changedCpus, seen.reason);
      break;
    case 'probing':
      cutShort(step);
      break;
    case 'noise':
      break;
    default:
      return null;
  }
  const woken = wakes(step, seen);
  const audits = afterShift(step.state, step.nowMs, seen);
  if (audits) step.change({ audits });
  if (!woken) step.record({ kind: 'phase', phase: 'observing', reason: seen.reason });
  return anew;
}

/** Forgets what was before the shift, if it may wake the tuner. How often a setting has failed still counts. */
function wakes(step: StepBuilder, seen: Shifted): boolean {
  const { session, ruledOut, scores, audits, wakes: before } = step.state;
  const woken = wokenAt(before, step.nowMs, session.options.restMs);
  if (!woken) return false;
  const ended = ruledOut.map((one) => endedAt(one, step.nowMs));
  // Under another load the levels before say nothing.
  const comparable = seen.of === 'level' || seen.of === 'latency';
  step.change({
    ...(!comparable && { audits: { ...audits, before: levelAfter(audits.before, step.nowMs), switched: null } }),
    seen: [],
    ruledOut: ended,
    scores: scores.map(scoreAfterShift),
    refused: [],
    watch: null,
    wakes: woken,
    rests: 0,
    probes: 0,
    quietUntilMs: 0,
  });
  step.tell(forgetVisits(step.state, step, seen.reason));
  step.record({ kind: 'shift', ...seen, atMs: step.atMs }, { kind: 'phase', phase: 'observing', reason: seen.reason });
  return true;
}

/** The window in which the CPUs changed is in no pair, but its calls were made. */
function withCallsOf(run: Run, { arm, window, discarded }: MeasuredEvent): Run {
  const measured = { arm, window, ...(discarded && { discarded }) };
  return {
    ...run,
    seen: [...run.seen, measured],
    candidateCalls: run.candidateCalls + candidateCallsIn(measured),
  };
}
