/**
 * Observing: windows at the setting in force until they are many and quiet enough to be a reference;
 * then a choice, or watching for ever in mode `observe`.
 */
import type { Window } from '../../../src/contracts.ts';
import type { RecordOf } from '../../entries/entries.ts';
import { isUsable } from '../../predict/memory.ts';
import { loadOf } from '../../trial/design.ts';
import { goalNow, isStoodIn, standInText } from '../../trial/goal-now.ts';
import { watchedShort } from '../../trial/level-watch.ts';
import { objectiveOf } from '../../trial/metric.ts';
import { loadChanged, stability } from '../../trial/stability.ts';
import { endsAround, mean, sampleDeviation } from '../../trial/statistics.ts';
import { afterSinking } from '../audits.ts';
import { patienceIn } from '../patience.ts';
import { onShift } from '../shifts.ts';
import type { EnteringOf, PhaseOf, State, Step } from '../state.ts';
import { type Handled, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';
import { forgetVisits, takeOverVisits } from '../visits.ts';

export function enter(step: StepBuilder, { windows }: EnteringOf<'observing'>): Step {
  return step.settle({ kind: 'observing', windows, taken: 0, short: [] });
}

export function on(step: StepBuilder, phase: PhaseOf<'observing'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.giveUp(event);
  if (event.kind !== 'measured') return step.measure(phase, step.state.current);
  const before = step.adopt(event) ? [] : phase.windows;
  step.remember(event);
  const { session, current, reference, queue, quietUntilMs } = step.state;
  const { options } = session;
  const { seen, short, watch } = watchedShort(step.state.watch, [...phase.short, event.window], watchMs, {
    settings: current,
    reference: reference.windows,
  });
  step.change({ watch });
  const shifted = seen && onShift(step, seen, quietUntilMs);
  if (shifted) return shifted;
  const windows = isUsable(event.window) ? [...before, event.window].slice(-options.baselineWindows) : before;
  const next: PhaseOf<'observing'> = { kind: 'observing', windows, taken: phase.taken + 1, short };
  if (windows.length < options.baselineWindows) return step.measure(next, current);
  const now = { session, reference: { windows, stoodIn: isStoodIn(step.state) } };
  const quiet = stability(windows, goalNow(now).objective);
  // A user's proposal may be tried on an unquiet system, and so may the way back; a prediction may not.
  const impatient = (queue.length > 0 || step.state.audits.asked !== null) && next.taken >= options.baselineWindows;
  if (!quiet.stable && !impatient) {
    if (next.taken % options.baselineWindows === 0)
      step.record({
        kind: 'not-tried',
        code: 'not-stable',
        settings: null,
        reason: `not stable: ${quiet.reason}`,
      });
    return step.measure(next, current);
  }
  const patience = patienceIn(step.state, step.nowMs, { windows, sigmaD: quiet.sigmaD });
  if (patience) step.change({ audits: { ...step.state.audits, ...patience } });
  if (patience?.asked) return step.measure(next, current);
  // Windows under another load predict nothing about this one, so the models forget them.
  if (loadChanged(session.load, reference.windows, windows)) {
    step.change({ seen: windows });
    step.tell(forgetVisits(step.state, step, 'the load changed'));
  }
  compareBy(step, now);
  step.change({ reference: { ...now.reference, sigmaD: quiet.sigmaD, cpus: step.state.cpus } });
  step.record(baselineRecord(step.state));
  step.tell(takeOverVisits(step.state, step));
  const sunk = afterSinking(step.state, step.nowMs, windows);
  if (sunk) step.change({ audits: sunk });
  return { enter: options.mode === 'observe' ? 'watching' : 'choosing' };
}

/** Says what settings are compared by, where that is another objective than by the reference before: gains of one are none of the other. */
function compareBy(step: StepBuilder, now: Parameters<typeof goalNow>[0]): void {
  const { reference } = step.state;
  const [before, after] = [goalNow(step.state), goalNow(now)].map(({ objective }) => objective.metric);
  if (before === after) return;
  const { goal } = now.session;
  const reason = standInText(now) ?? `${goal.objective.metric} can be judged now, and decides again`;
  if (reference.windows.length > 0) step.tell(forgetVisits(step.state, step, reason));
  step.record({ kind: 'phase', phase: 'observing', reason });
}

function baselineRecord({ session, reference, current }: State): RecordOf<'baseline'> {
  const { load } = session;
  const { objective } = goalNow({ session, reference });
  const values = reference.windows.flatMap((window: Window) => objectiveOf(objective, window) ?? []);
  const [low, high] = endsAround(values, (2.58 * sampleDeviation(values)) / Math.sqrt(values.length));
  return {
    kind: 'baseline',
    settings: current,
    windows: values.length,
    metric: { estimate: mean(values), low, high, level: 0.99 },
    ...(objective !== session.goal.objective && { objective }),
    sigmaD: reference.sigmaD,
    load: loadOf({ session, reference }),
    loadSource: load === null ? 'inferred' : 'declared',
  };
}
