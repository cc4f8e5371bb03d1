/**
 * What `sandtune check` says of the sessions of an executor: whether what was proven is what the next start
 * begins on. Pure.
 */
import type { Settings } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { configuredSettings } from '../../../tuner/entries/settings.ts';
import { awaitingAnswer, recommendedTrials, type SessionHistory, type TrialHistory } from '../../../tuner/history.ts';

/** A setting that was proven better, or as good and cheaper, and is not what is configured. */
export interface NotApplied {
  readonly session: number;
  readonly trial: TrialHistory;
  /** The knobs that are configured otherwise: what was proven, and what is configured. */
  readonly proven: Settings;
  readonly configured: Settings;
}

/** @param sessions of one executor, oldest first */
export function notApplied(sessions: readonly SessionHistory[]): NotApplied | null {
  const newest = sessions.at(-1);
  const source = sessions.findLast((one) => provenTrial(one) !== null);
  const trial = source ? provenTrial(source) : null;
  if (!newest || !source || !trial) return null;
  const before = configuredSettings(source.entry.knobs);
  const now = configuredSettings(newest.entry.knobs);
  const kept = newest.entry.options.persist ? newest.anchor : {};
  const missing = Object.entries(trial.candidate).filter(
    ([id, value]) =>
      valueIn(before, id) !== value &&
      valueIn(now, id) !== undefined &&
      valueIn(now, id) !== value &&
      valueIn(kept, id) !== value,
  );
  if (missing.length === 0) return null;
  return {
    session: source.entry.session,
    trial,
    proven: Object.fromEntries(missing),
    configured: Object.fromEntries(missing.map(([id]) => [id, valueIn(now, id) as Settings[string]])),
  };
}

/** The last trial that leads to what is recommended; a commit whose hold-back has not ended is not proven yet. */
function provenTrial(session: SessionHistory): TrialHistory | null {
  const last = recommendedTrials(session).at(-1);
  return last && (last.passed || last === awaitingAnswer(session)) ? last : null;
}
