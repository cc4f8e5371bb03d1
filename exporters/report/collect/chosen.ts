/**
 * What is recommended, as the tuner itself goes by it: a commit counts once its confirmation has
 * made it the anchor, where every rollback and every next start returns.
 */
import type { Settings } from '../../../src/contracts.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { meaningOf } from '../../../tuner/entries/triggers.ts';
import type { RunLog, SessionLog } from './session-log.ts';

/** Committed and confirmed trials, in order: each one's candidate became the anchor. Empty when none did. */
export function standingCommits(log: SessionLog): readonly RunLog[] {
  return log.runs.filter((run) => run.confirmed);
}

/**
 * The last commit, when its confirmation said neither yes nor no: it ended on something else, or has
 * not ended yet. A tuner that stops there, or starts again, is on the setting before it.
 */
export function unconfirmedCommit(log: SessionLog): RunLog | null {
  const last = log.runs.findLast((run) => run.decision?.decision === 'commit');
  if (!last || last.confirmed || isJudgedAgain(log, last)) return null;
  const ending = holdBackOf(log, last)?.decision;
  return ending && meaningOf(ending.trigger).harms ? null : last;
}

/** The confirmation of a commit; null when none was begun. */
export function holdBackOf(log: SessionLog, commit: RunLog): RunLog | null {
  return log.runs.find((run) => run.trial.purpose === 'hold-back' && isLater(run, commit)) ?? null;
}

/** The last proven candidate that was asked about, unless it was answered: it waits for a yes, or waited in vain. */
export function awaitingAnswer(log: SessionLog): RunLog | null {
  const last = log.runs.findLast((run) => run.asked);
  if (!last || isJudgedAgain(log, last)) return null;
  const { decision } = last;
  const answered = decision && (decision.decision === 'commit' || meaningOf(decision.trigger).declined);
  return answered ? null : last;
}

/** A later trial of the same setting came to an end that says something of it. */
function isJudgedAgain(log: SessionLog, earlier: RunLog): boolean {
  return log.runs.some(
    (run) =>
      run.trial.purpose === 'candidate' &&
      isLater(run, earlier) &&
      sameSettings(run.trial.candidate, earlier.trial.candidate) &&
      run.decision !== null &&
      meaningOf(run.decision.trigger).judgedBy !== null,
  );
}

function isLater(run: RunLog, earlier: RunLog): boolean {
  return run.trial.trial > earlier.trial.trial;
}

export function settingsAfter(start: Settings, chain: readonly RunLog[]): Settings {
  return chain.at(-1)?.trial.candidate ?? start;
}
