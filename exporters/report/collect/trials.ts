/** What the ledger says about each trial → TrialData, reverts, predictions. */
import type { Arm } from '../../../tuner/entries/entries.ts';
import { settingsKey } from '../../../tuner/entries/settings.ts';
import { type Trigger, triggers } from '../../../tuner/entries/triggers.ts';
import {
  endingOf,
  holdBackOf,
  type SessionHistory,
  type SessionWindows,
  type StripCell,
  type TrialHistory,
  triggerOf,
} from '../../../tuner/history.ts';
import { logEValues } from '../../../tuner/trial/e-value.ts';
import { bounded } from '../../words/bounds.ts';
import type { PredictionData, RevertData, StripWindow, TrialData } from '../data.ts';

/** A setting may have been tried, and reverted, several times. */
export interface RevertedCounts {
  readonly settings: number;
  readonly times: number;
  /** Calls that ran under any of them. */
  readonly calls: number;
  /** Times that harm was proven. */
  readonly harmful: number;
  /** Times that a breaker stopped it. */
  readonly stopped: number;
}

export function trialsOf(session: SessionHistory, { trials: seen }: SessionWindows): TrialData[] {
  const strips = new Map(seen.map((one) => [one.trial, one.strip]));
  return session.trials.map((trial) => trialOf(session, trial, strips.get(trial.trial) ?? []));
}

/** The one that was begun last; null where none was. */
export function lastTrialOf(session: SessionHistory, { trials: seen }: SessionWindows): TrialData | null {
  const last = session.trials.at(-1);
  return last ? trialOf(session, last, seen.findLast((one) => one.trial === last.trial)?.strip ?? []) : null;
}

function isTakenBack(session: SessionHistory, trial: TrialHistory): boolean {
  if (trial.decision?.decision !== 'commit' || trial.passed) return false;
  return session.ended !== 'open' || holdBackOf(session, trial)?.decision?.decision === 'revert';
}

function trialOf(session: SessionHistory, trial: TrialHistory, strip: readonly StripCell[]): TrialData {
  const { sealed, result, decision, design } = trial;
  const lastPair = trial.pairs.at(-1);
  let log10NotWorse: readonly number[] | undefined;
  let windows: readonly StripWindow[] | undefined;
  const callsOf = (arm: Arm) => strip.reduce((sum, cell) => sum + (cell.arm === arm ? cell.offered : 0), 0);
  return {
    trial: trial.trial,
    purpose: trial.purpose,
    by: sealed?.by ?? null,
    baseline: trial.baseline,
    candidate: trial.candidate,
    proposalReason: sealed?.reason ?? '',
    unjudged: trial.unjudged,
    alpha: design.alpha,
    proveAt: 1 / design.commitAlpha,
    revertAtE: (1 + design.goal.guardrails.length) / design.alpha,
    revertAt: design.revertAt,
    objective: { metric: design.goal.objective.metric, direction: design.goal.objective.direction },
    verdict: result?.verdict ?? null,
    decision: decision?.decision ?? null,
    trigger: triggerOf(trial),
    ending: endingOf(trial),
    takenBack: isTakenBack(session, trial),
    reason: decision?.reason ?? result?.reason ?? '',
    effect: effectOf(trial),
    allCalls: allCallsOf(trial),
    eValue: result?.eValue ?? (lastPair ? 10 ** Math.min(300, lastPair.log10Better) : null),
    pairCount: result?.pairs ?? trial.pairs.length,
    calls: result?.calls ?? { baseline: callsOf('baseline'), candidate: callsOf('candidate') },
    metric: result?.metric ?? null,
    guardrails: result?.guardrails ?? [],
    waitsFor: result ? [] : trial.waitsFor,
    checks: result?.checks ?? [],
    callsAffected: decision?.callsAffected ?? 0,
    afterMs: decision?.afterMs ?? null,
    pairs: trial.pairs,
    // Made when somebody reads it: a page draws few of a long session's trials, a summary none.
    get log10NotWorse() {
      return (log10NotWorse ??= notWorseOf(trial));
    },
    get windows() {
      return (windows ??= windowsOf(strip));
    },
  };
}

/** The effect the verdict states, or what the pairs show so far; null of a trial without a pair, which compared nothing. */
function effectOf({ result, pairs }: TrialHistory): TrialData['effect'] {
  if (result?.pairs === 0) return null;
  const effect = bounded(result?.effect ?? pairs.at(-1)?.effect ?? null);
  // Of very few pairs the noise has an interval at some level, but at one that tells nobody anything.
  return effect && effect.level < leastLevel ? { ...effect, low: -1, high: Infinity } : effect;
}

function allCallsOf({ result }: TrialHistory): TrialData['allCalls'] {
  return result && result.pairs > 0 ? (result.allCalls ?? null) : null;
}

const leastLevel = 0.5;

/** Computed by the engine, because the ledger keeps this e-value for the last pair only. */
function notWorseOf({ pairs, design }: TrialHistory): number[] {
  const { revertAt, sigmaD } = design;
  const d = pairs.map((one) => one.d);
  return logEValues(d, Math.log1p(revertAt), sigmaD, 'greater').map((one) => one / Math.LN10);
}

function windowsOf(strip: readonly StripCell[]): StripWindow[] {
  const originMs = strip[0]?.startMs ?? 0;
  return strip.map(({ arm, startMs, endMs, value, pair }) => ({
    arm,
    startMs: startMs - originMs,
    endMs: endMs - originMs,
    value,
    pair,
  }));
}

/**
 * Settings that were reverted, the harmful first: every decision to revert, so that this list and
 * the outcome 'reverted' of a trial say the same. A hold-back that was cut short counts too,
 * because the setting it was about is no longer in force.
 */
export function revertsOf({ trials }: SessionHistory): RevertData[] {
  const taken = trials.flatMap((trial): RevertData[] => {
    const { decision, purpose, baseline, candidate } = trial;
    if (decision?.decision !== 'revert') return [];
    const { trigger, afterMs, callsAffected, reason } = decision;
    return [
      {
        trial: trial.trial,
        purpose,
        from: baseline,
        settings: candidate,
        trigger,
        harmful: isHarmful(trigger),
        stopped: isStopped(trigger),
        afterMs,
        callsAffected,
        reason,
        effect: effectOf(trial),
        allCalls: allCallsOf(trial),
      },
    ];
  });
  const weight = (one: RevertData) => (one.harmful ? 0 : one.stopped ? 1 : 2);
  return taken.toSorted((a, b) => weight(a) - weight(b));
}

/** The reverts of a session in numbers, without a row for each. */
export function revertedOf({ trials }: SessionHistory): RevertedCounts {
  const settings = new Set<string>();
  let [times, calls, harmful, stopped] = [0, 0, 0, 0];
  for (const { decision, candidate } of trials) {
    if (decision?.decision !== 'revert') continue;
    settings.add(settingsKey(candidate));
    times++;
    calls += decision.callsAffected;
    if (isHarmful(decision.trigger)) harmful++;
    if (isStopped(decision.trigger)) stopped++;
  }
  return { settings: settings.size, times, calls, harmful, stopped };
}

function isHarmful(trigger: Trigger): boolean {
  return triggers[trigger].harms && triggers[trigger].proven;
}

function isStopped(trigger: Trigger): boolean {
  return triggers[trigger].judgedBy === 'breaker';
}

export function predictionsOf({ trials }: SessionHistory): PredictionData[] {
  return trials.flatMap(({ trial, baseline, candidate, sealed, score }): PredictionData[] => {
    if (!sealed?.predicted) return [];
    const { model, pGain, risk, gain } = sealed.predicted;
    return [
      {
        trial,
        model,
        from: baseline,
        settings: candidate,
        reason: sealed.reason,
        pGain,
        risk,
        predicted: gain,
        measured: bounded(score?.measured ?? null),
        covered: score?.covered ?? null,
        brier: score?.brier ?? null,
      },
    ];
  });
}
