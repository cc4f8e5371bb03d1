/**
 * The breakers end a trial early. The engine needs seven pairs; a breaker reverts a candidate that
 * plainly hurts after two of its windows. A breaker proves nothing: its revert is cheap and names the
 * sign that it rests on.
 *
 *   seen (ramp included), oldest first ── tripped ──▶ trigger and sign, or null
 *
 * A candidate window is compared with its neighbours, the nearest baseline window on either side. An
 * outage that has nothing to do with the candidate falls into one of its windows half the time, so one
 * window blames nobody, except where no call at all comes out.
 */

import type { Measured, Window } from '../../src/contracts.ts';
import { countText, durationText, percentText } from '../../src/foundation/units.ts';
import { quantileMs } from '../../src/measure/distribution.ts';
import type { TrialDesign } from '../entries/entries.ts';
import type { BreakerTrigger } from '../entries/triggers.ts';
import { failuresOf, latencyOf, logRatioOf, secondsOf } from './metric.ts';
import { mean } from './statistics.ts';

/** The breaker that ends the trial, and the sign it saw. */
export interface Tripped {
  readonly trigger: BreakerTrigger;
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
const smallestDrop = 0.1;
const dropSigmas = 2.5;
/** A window's errors count when so many would come by chance less often than this. */
const errorChance = 0.003;

export function tripped(design: TrialDesign, seen: readonly Measured[]): Tripped | null {
  const candidates = candidateWindows(seen);
  return (
    workerLost(design, seen) ??
    stalled(candidates) ??
    errors(seen, candidates) ??
    latency(design, candidates) ??
    drop(design, candidates)
  );
}

function candidateWindows(seen: readonly Measured[]): readonly CandidateWindow[] {
  let run = 0;
  return seen.flatMap(({ arm, window }, i) => {
    if (arm !== 'candidate') {
      run++;
      return [];
    }
    const before = seen.slice(0, i).findLast((one) => one.arm === 'baseline');
    const after = seen.slice(i + 1).find((one) => one.arm === 'baseline');
    return [{ window, run, neighbours: [before, after].flatMap((one) => (one ? [one.window] : [])) }];
  });
}

/**
 * Calls were lost with their worker under the candidate, and none where only the baseline had run.
 * Where workers also die under the baseline, lost calls count as errors like any others. A worker that
 * the candidate killed may lose calls in the baseline window after it, so a loss in such a window does
 * not excuse the candidate. In a hold-back the candidate also runs before every pair.
 */
function workerLost({ purpose }: TrialDesign, seen: readonly Measured[]): Tripped | null {
  const lostIn = ({ window, discarded }: Measured) => window.outcomes.lost + (discarded?.outcomes.lost ?? 0);
  const lost = seen.reduce((sum, one) => sum + (one.arm === 'candidate' ? lostIn(one) : 0), 0);
  const elsewhere = seen.some((one, i) => {
    const afterCandidate = seen[i - 1]?.arm === 'candidate' || (purpose === 'hold-back' && i % 2 === 0);
    return one.arm === 'baseline' && !afterCandidate && lostIn(one) > 0;
  });
  if (lost === 0 || elsewhere) return null;
  return {
    trigger: 'breaker: worker lost',
    reason: `${lost} calls lost with their worker under the candidate, none where only the baseline had run`,
  };
}

/** Calls waited and none came out, while the baseline window beside it worked. One window is enough. */
function stalled(candidates: readonly CandidateWindow[]): Tripped | null {
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
    trigger: 'breaker: drop',
    reason: `no call came out under the candidate where the baseline brings ${countText(expected)}`,
  };
}

/** Two separate candidate windows had more errors than chance allows, and their neighbours had not. */
function errors(seen: readonly Measured[], candidates: readonly CandidateWindow[]): Tripped | null {
  const usual = failuresOf(seen.filter((one) => one.arm === 'baseline').map((one) => one.window));
  if (usual.judged === 0) return null;
  // One failure is added to those seen, because a baseline without errors so far may still have some later.
  const rate = (usual.failed + 1) / (usual.judged + 1);
  const bad = candidates.filter(({ window, neighbours }) => {
    const { failed, judged } = failuresOf([window]);
    if (failed === 0 || poissonTail(failed, rate * judged) >= errorChance) return false;
    return neighbours.every((one) => {
      const beside = failuresOf([one]);
      return beside.failed / Math.max(1, beside.judged) < failed / judged / 3;
    });
  });
  if (bad.length < 2) return null;
  const { failed, judged } = failuresOf(bad.map(({ window }) => window));
  return {
    trigger: 'breaker: errors',
    reason: `${failed} of ${judged} calls failed in ${bad.length} candidate windows, not in the windows beside them`,
  };
}

/**
 * The p99 was above three times its neighbours' in two candidate windows in a row; a pause of the
 * garbage collector does that to one of them. A p99 within the user's own limit trips nothing.
 */
function latency(design: TrialDesign, candidates: readonly CandidateWindow[]): Tripped | null {
  const allowedMs = latencyLimitMs(design);
  return twice(
    candidates,
    ({ window, neighbours }) => {
      const beside = neighbours.filter((one) => one.latency.count >= latencyCalls);
      if (window.latency.count < latencyCalls || beside.length === 0) return null;
      const usual = Math.max(...beside.map((one) => quantileMs(latencyOf([one]), 0.99)));
      const p99 = quantileMs(latencyOf([window]), 0.99);
      return p99 > Math.max(latencyFactor * usual, allowedMs)
        ? `p99 ${durationText(p99)} against ${durationText(usual)}`
        : null;
    },
    'breaker: latency',
  );
}

function latencyLimitMs({ goal: { objective, guardrails } }: TrialDesign): number {
  const limits = guardrails.flatMap((one) =>
    one.kind === 'absolute' && one.metric.startsWith('p') ? [one.limit] : [],
  );
  if (objective.metric === 'goodput') limits.push(objective.sloMs);
  return limits.length === 0 ? 0 : Math.min(...limits);
}

/** Two candidate windows in a row fell further below their neighbours than the noise of a pair explains. */
function drop(design: TrialDesign, candidates: readonly CandidateWindow[]): Tripped | null {
  const { objective } = design.goal;
  return twice(
    candidates,
    ({ window, neighbours }) => {
      const ratios = neighbours.map((one) => logRatioOf(objective, one, window)).filter((one) => one !== null);
      if (ratios.length === 0) return null;
      const change = mean(ratios);
      // A short window of the ramp is noisier than the pairs from which σ_d was estimated.
      const shortness = Math.sqrt(Math.max(1, design.windowMs / Math.max(1, window.endMs - window.startMs)));
      const limit = Math.max(-Math.log1p(-smallestDrop), dropSigmas * design.sigmaD * shortness);
      return change < -limit ? percentText(Math.expm1(change), 0) : null;
    },
    'breaker: drop',
  );
}

/** Trips when every candidate window of the last two runs shows the sign; a baseline window lies between two runs. */
function twice(
  candidates: readonly CandidateWindow[],
  signOf: (candidate: CandidateWindow) => string | null,
  trigger: BreakerTrigger,
): Tripped | null {
  const runs = [...new Set(candidates.map((one) => one.run))].slice(-2);
  if (runs.length < 2) return null;
  const signs: string[] = [];
  for (const one of candidates.filter(({ run }) => runs.includes(run))) {
    const sign = one.window.steady && one.neighbours.length > 0 ? signOf(one) : null;
    if (sign === null) return null;
    signs.push(sign);
  }
  return {
    trigger,
    reason: `candidate windows in a row, with a healthy baseline between them: ${signs.join(', then ')}`,
  };
}

/** An upper bound of P(X ≥ k) for a Poisson variable. @see Mitzenmacher, Upfal, "Probability and Computing", Thm 5.4 */
function poissonTail(k: number, mean: number): number {
  return k <= mean ? 1 : Math.exp(k - mean - k * Math.log(k / mean));
}
