/** The trials of a session that were decided, one line each. */
import type { Interval } from 'sandtune';
import type { SessionHistory } from 'sandtune/tuner';
import type { EffectBounds, TrialLine } from './result.ts';

/** Trials of a change; the noise measurement and hold-backs are about something else. */
export function trialLinesOf({ trials }: Pick<SessionHistory, 'trials'>): readonly TrialLine[] {
  return trials.flatMap(
    ({ trial, baseline, candidate, sealed, decision, result, pairs, passed, score }): TrialLine[] => {
      if (!sealed || !decision) return [];
      return [
        {
          id: trial,
          from: baseline,
          settings: candidate,
          predicted: sealed.predicted ? bounds(sealed.predicted.gain) : null,
          verdict: result?.verdict ?? null,
          decision: decision.decision,
          trigger: decision.trigger,
          pairs: result?.pairs ?? pairs.length,
          eValue: result?.eValue ?? null,
          effect: result && result.pairs > 0 ? bounds(result.effect) : null,
          allCalls: result?.allCalls && result.pairs > 0 ? result.allCalls.estimate : null,
          reason: decision.reason,
          kept: decision.decision === 'commit' && passed,
          covered: score?.covered ?? null,
        },
      ];
    },
  );
}

/** Why no setting was tried because a model proposed it; null where one was. */
export function whyNothingPredicted({
  trials,
  noise,
  notTried,
}: Pick<SessionHistory, 'trials' | 'noise' | 'notTried'>): string | null {
  if (trials.some(({ sealed }) => sealed?.by === 'predictor')) return null;
  if (noise === null) return 'measuring the noise took the time';
  const refused = notTried.findLast(({ code }) => code !== 'already-in-force' && code !== 'ledger');
  return refused?.reason ?? 'the time was over before a model was asked';
}

/** The engine writes an end it cannot bound yet as −1 and as a million. */
function bounds({ estimate, low, high }: Pick<Interval, 'estimate' | 'low' | 'high'>): EffectBounds {
  return { estimate, low: low <= -1 ? null : low, high: high >= 1e6 ? null : high };
}
