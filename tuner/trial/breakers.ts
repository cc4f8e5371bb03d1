/**
 * The breakers end a trial early. The engine needs seven pairs; a breaker reverts a candidate that
 * plainly hurts after two of its windows. A breaker proves nothing: its revert is cheap and names the
 * sign that it rests on.
 *
 *   seen (ramp included), oldest first ── tripped ──▶ trigger and sign, or null
 *
 * A candidate window is compared with its neighbours, the nearest baseline window on either side. An
 * outage that has nothing to do with the candidate falls into one of its windows half the time, so one
 * window blames nobody. Where no call at all comes out the trial ends at once, as 'outage or candidate': the
 * same is tried again, and blamed should it happen again within a day (../predict/memory.ts).
 */

import type { Measured, Window } from '../../src/contracts.ts';
import { countText, durationText, percentText } from '../../src/foundation/units.ts';
import { quantileMs } from '../../src/measure/distribution.ts';
import type { TrialDesign, TrialPurpose } from '../entries/entries.ts';
import type { BreakerTrigger, Trigger } from '../entries/triggers.ts';
import { differenceIn } from './arrivals.ts';
import { dipsIn, dropSigmas, dropsToBlame, smallestDrop } from './dips.ts';
import { marginSigns } from './margin-breaker.ts';
import { failuresOf, latencyOf, objectiveOf, secondsOf } from './metric.ts';
import { correctedSigma } from './noise.ts';
import { rampWindows } from './schedule.ts';
import { mean } from './statistics.ts';

/** What ends a trial and blames nobody. */
type Suspicion = Extract<Trigger, 'outage or candidate'>;

/** The breaker that ends the trial, and the sign it saw. */
export interface Tripped {
  readonly trigger: BreakerTrigger | Suspicion;
  readonly reason: string;
}

interface CandidateWindow {
  readonly window: Window;
  /** Candidate windows without a baseline window between them share a run: one outage can cover them. */
  readonly run: number;
  readonly neighbours: readonly Window[];
}

const latencyFactor = 3;
/** The p99 of fewer calls than this would be nearly their maximum, which one slow call decides. */
const latencyCalls = 50;
/** A hold-back has many more windows of the candidate than a trial: of those, two in a row are bad by chance. */
const dropsInARow: Readonly<Record<TrialPurpose, number>> = { candidate: 2, 'a/a': 2, 'hold-back': 3 };
/** Below half, twice in a row: no noise of a setting that may stay explains that. */
const surelyADrop = Math.LN2;
/** A window's errors count when so many would come by chance less often than this. */
const errorChance = 0.003;

export function tripped(design: TrialDesign, seen: readonly Measured[]): Tripped | null {
  const candidates = candidateWindows(seen);
  return (
    workerLost(seen) ??
    stalled(design, candidates) ??
    errors(seen, candidates) ??
    latency(design, candidates) ??
    margin(design, seen, candidates) ??
    drop(design, seen, candidates)
  );
}

function candidateWindows(seen: readonly Measured[]): readonly CandidateWindow[] {
  const baselines = seen.filter((one) => one.arm === 'baseline').map((one) => one.window);
  let run = 0;
  return seen.flatMap(({ arm, window }) => {
    if (arm !== 'candidate') {
      run++;
      return [];
    }
    return [{ window, run, neighbours: baselines.slice(Math.max(0, run - 1), run + 1) }];
  });
}

/**
 * Calls were lost with their worker under the candidate, and none where only the baseline had run.
 * Where workers also die under the baseline, lost calls count as errors like any others. A worker that
 * the candidate killed may lose calls in the baseline window after it, so a loss in such a window does
 * not excuse the candidate.
 */
function workerLost(seen: readonly Measured[]): Tripped | null {
  const lostIn = ({ window, discarded }: Measured) => window.outcomes.lost + (discarded?.outcomes.lost ?? 0);
  const lost = seen.reduce((sum, one) => sum + (one.arm === 'candidate' ? lostIn(one) : 0), 0);
  const elsewhere = seen.some((one, i) => {
    const afterCandidate = seen[i - 1]?.arm === 'candidate';
    return one.arm === 'baseline' && !afterCandidate && lostIn(one) > 0;
  });
  if (lost === 0 || elsewhere) return null;
  return {
    trigger: 'breaker: worker lost',
    reason: `${lost} calls lost with their worker under the candidate, none where only the baseline had run`,
  };
}

/** Calls waited and none came out, while the baseline window beside it worked. One window is enough. */
function stalled({ stalledBefore }: TrialDesign, candidates: readonly CandidateWindow[]): Tripped | null {
  const last = candidates.at(-1);
  if (!last || last.window.outcomes.ok > 0 || last.neighbours.length === 0) return null;
  const { offered, backlogAtStart, backlogAtEnd } = last.window;
  const waiting = offered > 0 || backlogAtStart > 0 || backlogAtEnd > 0;
  // As many calls as the slowest neighbour would have completed in the same time.
  const expected = Math.min(
    ...last.neighbours.map((one) => (one.outcomes.ok / secondsOf(one)) * secondsOf(last.window)),
  );
  if (!waiting || !(expected >= 5)) return null;
  return {
    trigger: stalledBefore ? 'breaker: stall' : 'outage or candidate',
    reason: `no call came out under the candidate where the baseline brings ${countText(expected)}`,
  };
}

/** Two candidate windows with a baseline window between them had more errors than chance allows, and their neighbours had not. */
function errors(seen: readonly Measured[], candidates: readonly CandidateWindow[]): Tripped | null {
  const bad = candidates.filter(unusualErrors(seen));
  if (new Set(bad.map(({ run }) => run)).size < 2) return null;
  const { failed, judged } = failuresOf(bad.map(({ window }) => window));
  return {
    trigger: 'breaker: errors',
    reason: `${failed} of ${judged} calls failed in ${bad.length} candidate windows, not in the windows beside them`,
  };
}

function unusualErrors(seen: readonly Measured[]): (candidate: CandidateWindow) => boolean {
  const usual = failuresOf(seen.filter((one) => one.arm === 'baseline').map((one) => one.window));
  // One failure is added to those seen, because a baseline without errors so far may still have some later.
  const rate = (usual.failed + 1) / (usual.judged + 1);
  return ({ window, neighbours }) => {
    if (usual.judged === 0) return false;
    const { failed, judged } = failuresOf([window]);
    if (failed === 0 || poissonTail(failed, rate * judged) >= errorChance) return false;
    return neighbours.every((one) => {
      const beside = failuresOf([one]);
      return beside.failed / Math.max(1, beside.judged) < failed / judged / 3;
    });
  };
}

/**
 * The p99 was above three times its neighbours' in two candidate windows in a row; a pause of the
 * garbage collector does that to one of them. A p99 within the user's own limit trips nothing.
 */
function latency(design: TrialDesign, candidates: readonly CandidateWindow[]): Tripped | null {
  return inARow(candidates, latencySign(design), 'breaker: latency', 2);
}

/** A guarded latency lay plainly beyond its margin in three candidate windows in a row, of which a pause hits one or two. */
function margin(
  design: TrialDesign,
  seen: readonly Measured[],
  candidates: readonly CandidateWindow[],
): Tripped | null {
  return marginSigns(design, seen).reduce<Tripped | null>(
    (found, signOf) => found ?? inARow(candidates, signOf, 'breaker: margin', 3),
    null,
  );
}

function latencySign(design: TrialDesign): (candidate: CandidateWindow) => string | null {
  const allowedMs = latencyLimitMs(design);
  return ({ window, neighbours }) => {
    const beside = neighbours.filter((one) => one.latency.count >= latencyCalls);
    if (window.latency.count < latencyCalls || beside.length === 0) return null;
    const usual = Math.max(...beside.map((one) => quantileMs(latencyOf([one]), 0.99)));
    const p99 = quantileMs(latencyOf([window]), 0.99);
    return p99 > Math.max(latencyFactor * usual, allowedMs)
      ? `p99 ${durationText(p99)} against ${durationText(usual)}`
      : null;
  };
}

function latencyLimitMs({ goal: { objective, guardrails } }: TrialDesign): number {
  const limits = guardrails.flatMap((one) =>
    one.kind === 'absolute' && one.metric.startsWith('p') ? [one.limit] : [],
  );
  if (objective.metric === 'goodput') limits.push(objective.sloMs);
  return limits.length === 0 ? 0 : Math.min(...limits);
}

/**
 * Two candidate windows in a row fell further below their neighbours than the noise of a pair explains, or below half:
 * more of them where windows dip also at the setting before.
 */
function drop(design: TrialDesign, seen: readonly Measured[], candidates: readonly CandidateWindow[]): Tripped | null {
  const half = inARow(candidates, dropSign(design, candidates, surelyADrop), 'breaker: drop', 2);
  if (half) return half;
  const found = inARow(candidates, dropSign(design, candidates), 'breaker: drop', dropsInARow[design.purpose]);
  return found && inARow(candidates, dropSign(design, candidates), 'breaker: drop', dropsNeeded(design, seen));
}

function dropsNeeded(design: TrialDesign, seen: readonly Measured[]): number {
  const windows = seen
    .slice(rampWindows(design))
    .flatMap(({ arm, window }) => (arm === 'baseline' && window.steady ? [window] : []));
  const needed = design.dips ? dropsToBlame(design.dips, dipsIn(design, windows)) : 0;
  return Math.max(dropsInARow[design.purpose], needed);
}

/** @param atLeast a drop of the log by less is none, however quiet the pairs */
function dropSign(
  design: TrialDesign,
  candidates: readonly CandidateWindow[],
  atLeast = 0,
): (candidate: CandidateWindow) => string | null {
  const sigma = sigmaSeen(design, candidates);
  return (candidate) => {
    const change = changeOf(design, candidate);
    if (change === null || isBadBeside(design, candidate)) return null;
    // A short window of the ramp is noisier than the pairs from which σ_d was estimated.
    const { startMs, endMs } = candidate.window;
    const shortness = Math.sqrt(Math.max(1, design.windowMs / Math.max(1, endMs - startMs)));
    const limit = Math.max(smallestDrop, dropSigmas * sigma * shortness);
    return change < -Math.max(atLeast, Math.min(limit, surelyADrop)) ? percentText(Math.expm1(change), 0) : null;
  };
}

/** The log of a candidate window over its neighbours, + is better. */
function changeOf(
  design: Pick<TrialDesign, 'goal' | 'perArrival'>,
  { window, neighbours }: CandidateWindow,
): number | null {
  const ratios = neighbours.map((one) => differenceIn(design, one, window)).filter((one) => one !== null);
  return ratios.length === 0 ? null : mean(ratios);
}

/** A neighbour did no better, though the other may have: then what hurt the candidate's window hurt the baseline as well. */
function isBadBeside(design: TrialDesign, { window, neighbours }: CandidateWindow): boolean {
  const { objective } = design.goal;
  const isEmpty = (one: Window) => objectiveOf(objective, one) === 0;
  return neighbours.some((one) => {
    const change = differenceIn(design, one, window);
    return change === null ? isEmpty(one) && isEmpty(window) : change >= 0;
  });
}

/**
 * σ_d as it was designed with, corrected by the candidate windows since: the rest before a trial may have
 * been quieter, or noisier. The newest two are left out, since they are what is judged.
 */
function sigmaSeen(design: TrialDesign, candidates: readonly CandidateWindow[]): number {
  const changes = candidates.slice(0, -2).flatMap((one) => changeOf(design, one) ?? []);
  return correctedSigma(design.sigmaD, changes);
}

/**
 * True when the newest two candidate windows both show a sign of harm: between the pairs of a hold-back, a
 * baseline window that says whether it is the candidate's is then worth more than more of the same.
 */
export function looksHarmful(design: TrialDesign, seen: readonly Measured[]): boolean {
  const candidates = candidateWindows(seen);
  const newest = candidates.slice(-2);
  if (newest.length < 2 || newest.some(({ window }) => !window.steady)) return false;
  const [drops, isSlow, fails] = [dropSign(design, candidates), latencySign(design), unusualErrors(seen)];
  return [(one: CandidateWindow) => drops(one) !== null, (one: CandidateWindow) => isSlow(one) !== null, fails].some(
    (sign) => newest.every(sign),
  );
}

/**
 * Trips when the newest `count` candidate windows show the sign one after the other, and a baseline window
 * lies between two of them.
 */
function inARow(
  candidates: readonly CandidateWindow[],
  signOf: (candidate: CandidateWindow) => string | null,
  trigger: BreakerTrigger,
  count: number,
): Tripped | null {
  const signs: string[] = [];
  const runs = new Set<number>();
  for (const one of candidates.toReversed()) {
    const sign = one.window.steady && one.neighbours.length > 0 ? signOf(one) : null;
    if (sign === null) break;
    signs.unshift(sign);
    runs.add(one.run);
    // What lies before was judged when it came.
    if (runs.size >= 2 && signs.length >= count) break;
  }
  if (runs.size < 2 || signs.length < count) return null;
  return {
    trigger,
    reason: `candidate windows in a row, with a baseline window between them that did better: ${signs.join(', then ')}`,
  };
}

/** An upper bound of P(X ≥ k) for a Poisson variable. @see Mitzenmacher, Upfal, "Probability and Computing", Thm 5.4 */
function poissonTail(k: number, mean: number): number {
  return k <= mean ? 1 : Math.exp(k - mean - k * Math.log(k / mean));
}
