/** What the ledger says about each trial → TrialData, rollbacks, predictions. */
import { meaningOf } from '../../../tuner/entries/triggers.ts';
import { logEValue } from '../../../tuner/trial/e-value.ts';
import { objectiveOf } from '../../../tuner/trial/metric.ts';
import type { PredictionData, RollbackData, StripWindow, TrialData } from '../data.ts';
import { bounded } from './bounds.ts';
import type { RunLog, SessionLog } from './session-log.ts';

export function trialsOf(log: SessionLog): TrialData[] {
  return log.runs.map((run) => trialOf(run));
}

function trialOf(run: RunLog): TrialData {
  const { trial, sealed, verdict, decision } = run;
  const { design } = trial;
  const result = verdict?.result ?? null;
  const lastPair = run.pairs.at(-1);
  const candidateCalls = run.windows.reduce((sum, one) => sum + (one.arm === 'candidate' ? one.window.offered : 0), 0);
  const baselineCalls = run.windows.reduce((sum, one) => sum + (one.arm === 'baseline' ? one.window.offered : 0), 0);
  return {
    trial: trial.trial,
    purpose: trial.purpose,
    by: sealed?.by ?? null,
    baseline: trial.baseline,
    candidate: trial.candidate,
    because: sealed?.because ?? '',
    unjudged: trial.unjudged,
    alpha: design.alpha,
    proveAt: 1 / design.commitAlpha,
    revertAtE: (1 + design.goal.guardrails.length) / design.alpha,
    revertAt: design.revertAt,
    verdict: result?.verdict ?? null,
    decision: decision?.decision ?? null,
    trigger: decision?.trigger ?? result?.trigger ?? null,
    reason: decision?.because ?? result?.reason ?? '',
    effect: bounded(result?.effect ?? lastPair?.effect ?? null),
    eValue: result?.eValue ?? (lastPair ? 10 ** Math.min(300, lastPair.log10Better) : null),
    pairCount: result?.pairs ?? run.pairs.length,
    calls: result?.calls ?? { baseline: baselineCalls, candidate: candidateCalls },
    metric: result?.metric ?? null,
    guardrails: result?.guardrails ?? [],
    waitsFor: result ? [] : run.waitsFor,
    checks: result?.checks ?? [],
    callsAffected: decision?.callsAffected ?? 0,
    afterMs: decision?.afterMs ?? null,
    pairs: run.pairs,
    log10NotWorse: notWorseOf(run),
    windows: stripOf(run),
  };
}

/** By the engine itself: the ledger has this e-value of the last pair only. */
function notWorseOf({ pairs, trial }: RunLog): number[] {
  const { revertAt, sigmaD } = trial.design;
  const d = pairs.map((one) => one.d);
  return d.map((_, i) => logEValue(d.slice(0, i + 1), Math.log1p(revertAt), sigmaD, 'greater') / Math.LN10);
}

function stripOf(run: RunLog): StripWindow[] {
  const originMs = run.windows[0]?.window.startMs ?? 0;
  return run.windows.map(({ arm, window, pair }) => ({
    arm,
    startMs: window.startMs - originMs,
    endMs: window.endMs - originMs,
    value: objectiveOf(run.trial.design.goal.objective, window),
    pair,
  }));
}

/**
 * Settings that were taken back, the harmful first: every decision to revert, so that this list and
 * the outcome 'taken back' of a trial say the same. A confirmation that was cut short counts too,
 * because the setting it was about is no longer in force.
 */
export function rollbacksOf(log: SessionLog): RollbackData[] {
  const taken = log.decisions.flatMap((decision): RollbackData[] => {
    const run = log.runs.find((one) => one.trial.trial === decision.trial);
    if (decision.decision !== 'revert' || !run) return [];
    return [
      {
        trial: decision.trial,
        purpose: run.trial.purpose,
        from: run.trial.baseline,
        settings: run.trial.candidate,
        trigger: decision.trigger,
        harmful: meaningOf(decision.trigger).harms,
        afterMs: decision.afterMs,
        callsAffected: decision.callsAffected,
        because: decision.because,
        effect: bounded(run.verdict?.result.effect ?? run.pairs.at(-1)?.effect ?? null),
      },
    ];
  });
  return [...taken.filter((one) => one.harmful), ...taken.filter((one) => !one.harmful)];
}

export function predictionsOf(log: SessionLog): PredictionData[] {
  return log.runs.flatMap((run): PredictionData[] => {
    const predicted = run.sealed?.predicted;
    if (!run.sealed || !predicted) return [];
    return [
      {
        trial: run.trial.trial,
        model: predicted.model,
        from: run.trial.baseline,
        settings: run.trial.candidate,
        because: run.sealed.because,
        pGain: predicted.pGain,
        risk: predicted.risk,
        predicted: predicted.gain,
        measured: bounded(run.score?.measured ?? null),
        covered: run.score?.covered ?? null,
        brier: run.score?.brier ?? null,
      },
    ];
  });
}
