/**
 * The line at the top of a report: what to do, why, and what else was looked at. Each case is a
 * normal result with words of its own.
 */
import type { Settings } from '../../../src/contracts.ts';
import { changesText, sameSettings } from '../../../tuner/entries/settings.ts';
import { meaningOf } from '../../../tuner/entries/triggers.ts';
import type { GainData, NoiseData, TrialData, VerdictData } from '../data.ts';
import { waitingText } from '../trial-words.ts';
import {
  asMetricChange,
  changedKnobs,
  countedText,
  intervalText,
  listText,
  metricName,
  settingsText,
  shareText,
} from '../words.ts';
import { holdBackOf } from './chosen.ts';
import { claimOf } from './claim.ts';
import type { RunLog, SessionLog } from './session-log.ts';

export interface Judged {
  readonly log: SessionLog;
  readonly start: Settings;
  readonly chosen: Settings;
  /** Trials that lead to `chosen`, kept or waiting for a yes; or the one commit that was never confirmed. */
  readonly chain: readonly RunLog[];
  readonly asked: boolean;
  /** The last commit, when nothing confirmed it; in `chain` only where it stands alone. */
  readonly unconfirmed: RunLog | null;
  readonly gain: GainData | null;
  readonly noise: NoiseData | null;
  readonly trials: readonly TrialData[];
}

export function verdictOf(judged: Judged): VerdictData {
  if (judged.chain.length > 0) return change(judged);
  const suggestion = suggestionOf(judged.log, judged.trials);
  if (suggestion) {
    const knobs = changedKnobs(judged.start, suggestion.settings);
    const action = knobs.length > 0 ? `Try ${settingsText(suggestion.settings, knobs)}` : 'One thing is worth changing';
    return lineOf('suggestion', action, suggestion.because, `not proven: ${suggestion.evidence}`);
  }
  const refused = candidates(judged).findLast((one) => one.trigger !== null && meaningOf(one.trigger).declined);
  if (refused) return declined(judged, refused);
  return candidates(judged).some(isJudged) || predictedNothing(judged) ? noChange(judged) : notJudged(judged);
}

/** What is recommended without proof where no trial came to a verdict: the weightiest, then the latest. */
export function suggestionOf(
  log: SessionLog,
  trials: readonly TrialData[],
): SessionLog['recommendations'][number] | null {
  if (trials.some((one) => one.purpose === 'candidate' && isJudged(one))) return null;
  const weights = ['high', 'medium', 'low'] as const;
  return (
    weights
      .map((priority) => log.recommendations.findLast((one) => one.priority === priority))
      .find((one) => one !== undefined) ?? null
  );
}

/** For a ledger nobody has written to. */
export const emptyVerdict: VerdictData = lineOf(
  'not-judged',
  'Not judged',
  'the ledger holds no session',
  'start a tuner, then ask again',
);

function change(judged: Judged): VerdictData {
  const { log, start, chosen, chain, asked, unconfirmed } = judged;
  const knobs = changedKnobs(start, chosen);
  const claim = claimOf(judged);
  if (chain.at(-1) === unconfirmed)
    return lineOf('suggestion', `Try ${settingsText(chosen, knobs)}`, claim, unconfirmedText(log, unconfirmed));
  const rest = !asked ? restOf(judged) : askedText(chain.at(-1));
  return lineOf(asked ? 'ask' : 'change', `Set ${listText(knobs.map((id) => `${id} to ${chosen[id]}`))}`, claim, rest);
}

/** Why a commit is not in force for good. */
function unconfirmedText(log: SessionLog, commit: RunLog): string {
  const ending = holdBackOf(log, commit)?.decision;
  if (ending) return `not confirmed, and not in force: ${meaningOf(ending.trigger).says}`;
  return log.ended === 'open'
    ? 'not confirmed yet, and a next start is on the setting before'
    : 'not confirmed, and not in force: the session ended on the setting before';
}

function askedText(asked: RunLog | undefined): string {
  return asked?.decision ? `not in force: ${meaningOf(asked.decision.trigger).says}` : 'waits for your yes';
}

/** What became of everything else. */
function restOf(judged: Judged): string {
  const others = candidates(judged).filter((one) => !judged.chain.some((run) => run.trial.trial === one.trial));
  const { unconfirmed } = judged;
  const cut = others.some((one) => one.verdict === null)
    ? 'the last trial was cut off'
    : unconfirmed
      ? `${changesText(unconfirmed.trial.baseline, unconfirmed.trial.candidate)} was proven once, not confirmed, and is not in force`
      : null;
  const hints = judged.log.recommendations.filter(
    (one) => !sameSettings({ ...judged.chosen, ...one.settings }, judged.chosen),
  ).length;
  if (cut) return cut;
  return hints > 0
    ? `${countedText(hints, 'suggestion')} not tried yet`
    : 'nothing else that was tried is worth changing';
}

/** Proven, and somebody said no. */
function declined(judged: Judged, trial: TrialData): VerdictData {
  const effect = trial.effect
    ? intervalText(asMetricChange(trial.effect, judged.log.session.goal.objective.direction))
    : 'an effect';
  return lineOf(
    'no-change',
    'No change made',
    `${changesText(trial.baseline, trial.candidate)} was proven in ${countedText(trial.pairCount, 'pair')}, ${effect}`,
    'and declined',
  );
}

/** A commit that its hold-back took back for harm. */
function refutedText({ log }: Judged): string | null {
  const commit = log.runs.findLast((run) => run.decision?.decision === 'commit' && !run.confirmed);
  const ending = commit && holdBackOf(log, commit)?.decision;
  if (!commit?.verdict || !ending) return null;
  const { baseline, candidate } = commit.trial;
  return `${changesText(baseline, candidate)} was proven in ${countedText(commit.verdict.result.pairs, 'pair')} and refuted while confirming: ${meaningOf(ending.trigger).says}`;
}

function noChange(judged: Judged): VerdictData {
  const refuted = refutedText(judged);
  if (refuted !== null) return lineOf('no-change', 'No change worth making', refuted, '');
  const tried = candidates(judged).filter(isJudged);
  const noise = judged.noise
    ? ` (at the noise here a full trial tells gains from ${shareText(judged.noise.fullTrial.floor)} up)`
    : '';
  const name = metricName(judged.log.session.goal.objective.metric);
  const claim =
    tried.length === 0
      ? `at ${settingsText(judged.start)} no change is predicted to gain ${shareText(judged.log.session.options.minGain, 0)} or more${noise}`
      : `of ${countedText(tried.length, 'change')} tried on live calls none gave better ${name} than the current setting${noise}`;
  const reason = judged.log.notTried.at(-1)?.because;
  const best = tried
    .flatMap((one) => (one.effect ? [one] : []))
    .sort((a, b) => (b.effect?.estimate ?? 0) - (a.effect?.estimate ?? 0))[0];
  const rest = best?.effect
    ? `closest: ${changesText(best.baseline, best.candidate)}, ${intervalText(asMetricChange(best.effect, judged.log.session.goal.objective.direction))}`
    : (reason ?? '');
  return lineOf('no-change', 'No change worth making', claim, rest);
}

function notJudged(judged: Judged): VerdictData {
  const { log } = judged;
  const cut = judged.trials.find((one) => one.verdict === null && one.decision === null);
  const undecided = candidates(judged).at(-1);
  const because =
    log.windows.length === 0
      ? 'no window was measured'
      : cut
        ? `${log.ended === 'open' ? 'inside' : 'the session ended inside'} trial ${cut.trial} (${cut.purpose === 'a/a' ? 'the noise measurement' : changesText(cut.baseline, cut.candidate)}) after ${countedText(cut.pairCount, 'pair')}${undecidedText(cut)}`
        : undecided
          ? `no trial came to a verdict; the last ended because: ${undecided.trigger === null ? 'not known' : meaningOf(undecided.trigger).says} (${undecided.reason})`
          : log.failures.length > 0
            ? `${log.failures.at(-1)?.what} failed: ${log.failures.at(-1)?.message}`
            : log.session.options.mode === 'observe'
              ? 'mode observe only measures; nothing was tried'
              : log.baselines.length === 0
                ? `no quiet reference yet (${countedText(log.windows.length, 'window')} measured)`
                : 'nothing was tried yet';
  const rest =
    log.ended === 'open'
      ? 'the session has no recorded end: it still runs, or it was interrupted'
      : `the setting stays at ${settingsText(judged.start)}`;
  return lineOf('not-judged', 'Not judged', because, rest);
}

/** What is known of a trial without a verdict. */
function undecidedText(trial: TrialData): string {
  const waiting = waitingText(trial);
  return waiting === '' ? '' : `; ${waiting}`;
}

/** Trials of a change; the noise measurement and hold-backs are about something else. */
function candidates({ trials }: Judged): readonly TrialData[] {
  return trials.filter((one) => one.purpose === 'candidate');
}

/** It ended on evidence about the candidate. */
function isJudged(trial: TrialData): boolean {
  return trial.verdict !== null && trial.trigger !== null && meaningOf(trial.trigger).judgedBy !== null;
}

/** A reference was measured, predictors were asked, and none had anything to offer. */
function predictedNothing({ log, trials }: Judged): boolean {
  const unstable = log.notTried.every((one) => one.code === 'not-stable');
  return (
    log.baselines.length > 0 && log.notTried.length > 0 && !unstable && trials.every((one) => one.purpose === 'a/a')
  );
}

function lineOf(kind: VerdictData['kind'], action: string, claim: string, rest: string): VerdictData {
  return { kind, action, claim, rest, line: `${action}: ${claim}${rest ? `; ${rest}` : ''}.` };
}
