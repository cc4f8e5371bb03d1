/**
 * The commits of a session, and which of them stand. A commit stands once its hold-back has made it the
 * anchor, to which every revert and every next start returns.
 */
import { sameSettings } from '../entries/settings.ts';
import { triggers } from '../entries/triggers.ts';
import type { SessionHistory } from './session.ts';
import type { TrialHistory } from './trial.ts';

/**
 * Trials that lead from the start to what is recommended, in order: the commits that passed their hold-back, then one that
 * waits for an answer; or, where there is neither, the last commit whose hold-back decided nothing.
 */
export function recommendedTrials(session: SessionHistory): readonly TrialHistory[] {
  const standing = standingCommits(session);
  const awaited = awaitingAnswer(session);
  const pending = pendingCommit(session);
  const reached = awaited ? [...standing, awaited] : standing.length > 0 || !pending ? standing : [pending];
  const last = reached.at(-1);
  // Steps that lead back to where they began recommend nothing.
  return last && !sameSettings(session.entry.anchor, last.candidate) ? reached : [];
}

/**
 * The commits that passed their hold-back, so that each one's candidate became the anchor, and that lead to the
 * anchor of now: what was left for the default leads nowhere, nor does what led there.
 */
function standingCommits({ trials, anchor }: SessionHistory): readonly TrialHistory[] {
  const passed = trials.filter((one) => one.passed && isCommit(one));
  const reached: TrialHistory[] = [];
  let to = anchor;
  for (const one of passed.toReversed()) {
    if (!sameSettings(one.candidate, to)) continue;
    reached.unshift(one);
    to = one.baseline;
  }
  return reached;
}

/**
 * The last commit, when its hold-back said neither yes nor no: it ended on something else, or has not
 * ended yet. A tuner that stops there, or starts again, is on the setting before it.
 */
export function pendingCommit(session: SessionHistory): TrialHistory | null {
  const last = session.trials.findLast(isCommit);
  if (!last || last.passed || isJudgedAgain(session, last)) return null;
  const ending = holdBackOf(session, last)?.decision;
  return ending && triggers[ending.trigger].harms ? null : last;
}

/** The hold-back of a commit; null when none was begun. */
export function holdBackOf({ trials }: SessionHistory, commit: TrialHistory): TrialHistory | null {
  // It follows its commit: of a session of thousands of trials only those after the commit are looked at.
  for (let i = trials.lastIndexOf(commit) + 1; i < trials.length; i++) {
    const one = trials[i] as TrialHistory;
    if (
      one.purpose === 'hold-back' &&
      one.trial > commit.trial &&
      sameSettings(one.baseline, commit.baseline) &&
      sameSettings(one.candidate, commit.candidate)
    )
      return one;
  }
  return null;
}

/** The trial of the last proven candidate about which somebody was asked and nobody answered; null when there is none. */
export function awaitingAnswer(session: SessionHistory): TrialHistory | null {
  const last = session.trials.findLast((one) => one.asked);
  if (!last || isJudgedAgain(session, last)) return null;
  const answered = isCommit(last) || (last.decision && triggers[last.decision.trigger].declined);
  return answered ? null : last;
}

function isCommit({ decision }: TrialHistory): boolean {
  return decision?.decision === 'commit';
}

/** True when a later trial of the same candidate ended with a judgement of it. */
function isJudgedAgain({ trials }: SessionHistory, earlier: TrialHistory): boolean {
  return trials.some(
    (one) =>
      one.purpose === 'candidate' &&
      one.trial > earlier.trial &&
      sameSettings(one.candidate, earlier.candidate) &&
      one.decision !== null &&
      triggers[one.decision.trigger].judgedBy !== null,
  );
}
