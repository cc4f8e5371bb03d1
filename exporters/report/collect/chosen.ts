/**
 * What is recommended, as the tuner itself goes by it: a commit counts once its confirmation has
 * made it the anchor, where every rollback and every next start returns.
 */
import type { Settings } from '../../../src/contracts.ts';
import type { Trigger } from '../../../tuner/entries/entries.ts';
import type { RunLog, SessionLog } from './session-log.ts';

/** Endings that blame the candidate. A hold-back cut short for another reason refutes nothing. */
const harmful: ReadonlySet<Trigger> = new Set([
  'worse',
  'guardrail',
  'breaker: worker lost',
  'breaker: latency',
  'breaker: errors',
  'breaker: drop',
]);

export function isHarmful(trigger: Trigger): boolean {
  return harmful.has(trigger);
}

/** Committed and confirmed trials, in order: each one's candidate became the anchor. Empty when none did. */
export function standingCommits(log: SessionLog): readonly RunLog[] {
  return log.runs.filter((run) => run.confirmed);
}

/**
 * The last commit, when its confirmation said neither yes nor no: it was cut short, or has not ended
 * yet. A tuner that stops there, or starts again, is on the setting before it.
 */
export function unconfirmedCommit(log: SessionLog): RunLog | null {
  const last = log.runs.findLast((run) => run.decision?.decision === 'commit');
  if (!last || last.confirmed) return null;
  const refuted = log.runs.some(
    ({ trial, decision }) =>
      trial.purpose === 'hold-back' &&
      trial.trial > last.trial.trial &&
      decision?.decision === 'revert' &&
      !isExcused(decision.trigger),
  );
  return refuted ? null : last;
}

/** Hold-backs that ended before they could say anything. */
function isExcused(trigger: Trigger): boolean {
  return trigger === 'stopped' || trigger === 'off' || trigger === 'load changed';
}

/** A proven candidate nobody has answered about: it waits for a yes, or the session ended first. */
export function awaitingAnswer(log: SessionLog): RunLog | null {
  return log.runs.findLast((run) => run.asked && (run.decision === null || isExcused(run.decision.trigger))) ?? null;
}

export function settingsAfter(start: Settings, chain: readonly RunLog[]): Settings {
  return chain.at(-1)?.trial.candidate ?? start;
}
