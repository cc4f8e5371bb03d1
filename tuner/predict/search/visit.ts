/**
 * What a few windows at a setting say of it, beside those at the setting in force.
 *
 *   windows of a probe, newest windows in force ── visitOf ──▶ log gain, its standard deviation
 *
 * Each window is held against those in force nearest to it in time, so that a drift of seconds does not count. A
 * guardrail that is plainly not kept makes any gain less than none: a trial would only say the same.
 */
import type { Goal, Measured, Settings, Visit, Window } from '../../../src/contracts.ts';
import type { TrialDesign, TrialResult } from '../../entries/entries.ts';
import { sameSettings } from '../../entries/settings.ts';
import { triggers } from '../../entries/triggers.ts';
import { guardedValue, logRatioOf } from '../../trial/metric.ts';
import { atOneBacklog, pairAtOneBacklog } from '../../trial/overload.ts';
import { peakRss } from '../../trial/rss.ts';
import type { Run } from '../../trial/run.ts';
import { mean } from '../../trial/statistics.ts';
import { blockCalls } from '../../trial/super-blocks.ts';

/** What a visit is measured with. */
export interface Beside {
  readonly goal: Goal;
  readonly from: Settings;
  /** Windows at the setting in force, from before the visit. */
  readonly before: readonly Window[];
  /** σ of log(next window / this one). */
  readonly sigmaD: number;
  /** Calls wait in a queue that the visit shares with the setting in force. */
  readonly overloaded: boolean;
}

/** Distance in time at which a window in force counts a third of one beside the visit's. */
const nearMs = 12_000;
/** Standard deviation (log) between two visits to one setting, however many windows each had. */
const revisitSd = 0.012;
/** A guardrail of few calls is off by chance: beyond its margin it counts from here on (log). */
const plainly = 0.15;
/** What is left in a window of a service that answered nothing. */
export const nothingLeft = -3;
/** Log gain that a proven candidate counts for when it may not be kept. */
const notToBeHad = -0.05;
/** Windows that say what memory was held before. */
const newestBefore = 4;
/** Visits that a session keeps. */
const mostKept = 200;
/** Below this share of the setting in force a window is harmed. */
const harmed = 0.95;

/** What was found so far; null before the first window at `settings`, or where there is nothing to compare it with. */
export function visitOf(settings: Settings, windows: readonly Measured[], beside: Beside): Visit | null {
  const { from, sigmaD } = beside;
  const candidate = ofArm(windows, 'candidate');
  const baseline = [...beside.before, ...ofArm(windows, 'baseline')];
  const gains = candidate.flatMap((window) => gainIn(window, baseline, beside) ?? []);
  if (gains.length === 0) return null;
  const besides = Math.min(6, baseline.length);
  return {
    settings,
    from,
    gain: Math.min(mean(gains), allowedGain(beside, baseline, candidate)),
    sd: Math.hypot(revisitSd, (sigmaD / Math.SQRT2) * Math.sqrt(1 / gains.length + 1 / besides)),
    windows: gains.length,
    ...rssIn(peakRss(beside.before.slice(-newestBefore)), peakRss(candidate)),
  };
}

/** Time in which the visit's windows were worth less than 95 % of those in force beside them, or plainly kept no guardrail. */
export function harmedMsOf(windows: readonly Measured[], beside: Beside): number {
  const { before } = beside;
  const baseline = [...before, ...ofArm(windows, 'baseline')];
  return ofArm(windows, 'candidate')
    .filter(
      (window) =>
        (gainIn(window, baseline, beside) ?? nothingLeft) < Math.log(harmed) ||
        !keepsGuardrails(window, windows, beside),
    )
    .reduce((sum, window) => sum + window.endMs - window.startMs, 0);
}

/** False where a window of the visit plainly keeps no guardrail that the windows in force keep. */
export function keepsGuardrails(window: Window, windows: readonly Measured[], beside: Beside): boolean {
  return allowedGain(beside, [...beside.before, ...ofArm(windows, 'baseline')], [window]) >= 0;
}

/**
 * With one more; the oldest are dropped, so that a session of months does not grow by them.
 * @param undoes drops what was found at its settings before, for a mean with it would still be a gain
 */
export function withFound(visits: readonly Visit[], visit: Visit, undoes = false): readonly Visit[] {
  const others = undoes ? visits.filter((one) => !sameSettings(one.settings, visit.settings)) : visits;
  return [...others, visit].slice(-mostKept);
}

/**
 * What a commit that was undone says of its candidate: whatever its trial and probes have measured, it gains nothing
 * that may be had.
 */
export function undoneVisit({
  baseline: from,
  candidate: settings,
  pairs,
}: Pick<Run, 'baseline' | 'candidate' | 'pairs'>): Visit {
  return { settings, from, gain: notToBeHad, sd: revisitSd, windows: Math.max(1, pairs.length) };
}

/** What a trial says of its candidate; null where no pair could be used. */
export function visitOfTrial(
  {
    baseline,
    candidate,
    design,
  }: { readonly baseline: Settings; readonly candidate: Settings; readonly design: TrialDesign },
  { effect, pairs, trigger, guardrails }: TrialResult,
): Visit | null {
  if (pairs === 0) return null;
  const measured = Math.log(Math.max(Math.exp(nothingLeft), 1 + effect.estimate));
  // What broke a guardrail or tripped a breaker gains nothing that may be had.
  const { judgedBy } = triggers[trigger];
  const isVoid = judgedBy === 'guardrail' || judgedBy === 'breaker';
  return {
    settings: candidate,
    from: baseline,
    gain: isVoid ? Math.min(measured, notToBeHad) : measured,
    sd: Math.hypot(revisitSd, design.sigmaD / Math.sqrt(pairs)),
    windows: pairs,
    ...rssIn(
      design.rssBeforeBytes ?? null,
      guardrails.find((one) => one.guardrail.metric === 'rss')?.candidate ?? null,
    ),
  };
}

function rssIn(beforeBytes: number | null, thenBytes: number | null): Pick<Visit, 'rss'> {
  return beforeBytes !== null && thenBytes ? { rss: { beforeBytes, thenBytes } } : {};
}

function ofArm(windows: readonly Measured[], arm: Measured['arm']): readonly Window[] {
  return windows.flatMap((one) => (one.arm === arm ? [one.window] : []));
}

/** log(window / those in force nearest to it), + is better; null where they cannot be compared. */
function gainIn(window: Window, baseline: readonly Window[], { goal, overloaded }: Beside): number | null {
  let [sum, weights] = [0, 0];
  for (const one of baseline) {
    const ratio = logRatioOf(
      goal.objective,
      ...(overloaded ? pairAtOneBacklog(one, window) : ([one, window] as const)),
    );
    if (ratio === null) continue;
    const apartMs = Math.max(0, Math.max(one.startMs - window.endMs, window.startMs - one.endMs));
    const weight = Math.exp(-apartMs / nearMs);
    sum += weight * ratio;
    weights += weight;
  }
  return weights > 0 ? Math.max(nothingLeft, sum / weights) : null;
}

/** The most that a gain may count for: less than nothing where a guardrail is plainly not kept. */
function allowedGain({ goal, overloaded }: Beside, inForce: readonly Window[], visit: readonly Window[]): number {
  const all = overloaded ? atOneBacklog([...inForce, ...visit]) : [...inForce, ...visit];
  const [baseline, candidate] = [all.slice(0, inForce.length), all.slice(inForce.length)];
  let most = Infinity;
  for (const guardrail of goal.guardrails) {
    const { metric } = guardrail;
    const [before, after] = [guardedValue(metric, baseline), guardedValue(metric, candidate)];
    if (!before || !after) continue;
    if (metric === 'errors') {
      const limit = guardrail.kind === 'absolute' ? guardrail.limit : before.value + guardrail.margin;
      const allowed = Math.max(limit, before.value);
      const chance = 3 * Math.sqrt(Math.max(allowed, 1 / after.count) / after.count);
      if (after.value > allowed + chance) most = Math.min(most, allowed - after.value);
      continue;
    }
    if (metric === 'rss') {
      // A limit of memory has no chance in it; what was held before is nobody's fault.
      const beyond =
        guardrail.kind === 'absolute' ? Math.log(after.value / Math.max(guardrail.limit, before.value)) : 0;
      if (beyond > 0) most = Math.min(most, -beyond, notToBeHad);
      continue;
    }
    if (metric !== 'mean' && metric !== 'cpu' && after.count < blockCalls(metric)) continue;
    const limit = guardrail.kind === 'absolute' ? guardrail.limit : before.value * (1 + guardrail.margin);
    const beyond = Math.log(after.value / Math.max(limit, before.value)) - plainly;
    if (beyond > 0) most = Math.min(most, -beyond);
  }
  return most;
}
