/**
 * The line at the top of a report: what to do, why, and what else was looked at. Each case is a
 * normal result with words of its own.
 */
import type { Interval, Settings } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { NotTriedCode } from '../../../tuner/entries/entries.ts';
import { changesText, sameSettings } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import {
  holdBackOf,
  isJudged,
  type SessionHistory,
  type SessionWindows,
  type TrialHistory,
} from '../../../tuner/history.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { countedText, intervalText, listText, shareText } from '../../words/numbers.ts';
import { changedKnobs, settingsText } from '../../words/settings.ts';
import type { GainData, NoiseData, TrialData, VerdictData } from '../data.ts';
import { waitingText } from '../trial-words.ts';
import { claimOf } from './claim.ts';

export interface SessionJudgement {
  readonly session: SessionHistory;
  readonly windows: SessionWindows;
  readonly start: Settings;
  readonly chosen: Settings;
  /** Trials that lead to `chosen`, kept or waiting for a yes; or the one commit that is pending. */
  readonly chain: readonly TrialHistory[];
  readonly asked: boolean;
  /** The last commit, when its hold-back decided nothing; in `chain` only where it stands alone. */
  readonly pending: TrialHistory | null;
  readonly gain: GainData | null;
  readonly noise: NoiseData | null;
  readonly trials: readonly TrialData[];
  /** True of the session that a tuner runs here and now. */
  readonly live: boolean;
}

export function verdictOf(judged: SessionJudgement): VerdictData {
  if (judged.chain.length > 0) return change(judged);
  const suggestion = suggestionOf(judged.session);
  if (suggestion) {
    const knobs = changedKnobs(judged.start, suggestion.settings);
    const action = knobs.length > 0 ? `Try ${settingsText(suggestion.settings, knobs)}` : 'One thing is worth changing';
    return lineOf('suggestion', action, suggestion.reason, `not proven: ${suggestion.evidence}`);
  }
  const refused = candidates(judged).findLast((one) => one.trigger !== null && triggers[one.trigger].declined);
  if (refused) return declined(judged, refused);
  return judgedChanges(judged).length > 0 || predictedNothing(judged) ? noChange(judged) : notJudged(judged);
}

/** What is recommended without proof where no trial came to a verdict: the weightiest, then the latest. */
export function suggestionOf({
  trials,
  recommendations,
}: SessionHistory): SessionHistory['recommendations'][number] | null {
  if (trials.some((one) => one.purpose === 'candidate' && isJudged(one))) return null;
  const weights = ['high', 'medium', 'low'] as const;
  return (
    weights
      .map((priority) => recommendations.findLast((one) => one.priority === priority))
      .find((one) => one !== undefined) ?? null
  );
}

/** The verdict on a ledger that holds no session. */
export const emptyVerdict: VerdictData = lineOf(
  'not-judged',
  'Not judged',
  'the ledger holds no session',
  'start a tuner, then ask again',
);

function change(judged: SessionJudgement): VerdictData {
  const { session, start, chosen, chain, asked, pending } = judged;
  const knobs = changedKnobs(start, chosen);
  const claim = claimOf(judged);
  if (chain.at(-1) === pending)
    return lineOf('suggestion', `Try ${settingsText(chosen, knobs)}`, claim, pendingText(session, pending));
  const rest = !asked ? restOf(judged) : askedText(chain.at(-1));
  return lineOf(
    asked ? 'ask' : 'change',
    `Set ${listText(knobs.map((id) => `${id} to ${valueIn(chosen, id)}`))}`,
    claim,
    rest,
  );
}

/** Why a commit is not in force for good. */
function pendingText(session: SessionHistory, commit: TrialHistory): string {
  const ending = holdBackOf(session, commit)?.decision;
  if (ending) return `hold-back not passed, and not in force: ${triggers[ending.trigger].says}`;
  return session.ended === 'open'
    ? 'hold-back not passed yet, and a next start is on the setting before'
    : 'hold-back not passed, and not in force: the session ended on the setting before';
}

function askedText(asked: TrialHistory | undefined): string {
  return asked?.decision ? `not in force: ${triggers[asked.decision.trigger].says}` : 'waits for your yes';
}

/** What became of the trials and recommendations that did not lead to the verdict. */
function restOf(judged: SessionJudgement): string {
  const { pending } = judged;
  const last = candidates(judged).at(-1);
  const cut =
    last?.verdict === null && !judged.chain.some(({ trial }) => trial === last.trial)
      ? `the last trial ${last.trigger === null ? 'was cut off' : `came to no verdict: ${triggers[last.trigger].says}`}`
      : pending
        ? `${changesText(pending.baseline, pending.candidate)} was proven once, did not pass its hold-back, and is not in force`
        : null;
  const hints = judged.session.recommendations.filter(
    (one) => !sameSettings({ ...judged.chosen, ...one.settings }, judged.chosen),
  ).length;
  if (cut) return cut;
  return hints > 0
    ? `${countedText(hints, 'suggestion')} not tried yet`
    : 'nothing else that was tried is worth changing';
}

/** The verdict on a change that was proven and then declined. */
function declined(judged: SessionJudgement, trial: TrialData): VerdictData {
  const effect = trial.effect
    ? intervalText(asMetricChange(trial.effect, judged.session.entry.goal.objective.direction))
    : 'an effect';
  return lineOf(
    'no-change',
    'No change made',
    `${changesText(trial.baseline, trial.candidate)} was proven in ${countedText(trial.pairCount, 'pair')}, ${effect}`,
    'and declined',
  );
}

/** A commit that its hold-back reverted for harm. */
function refutedText({ session }: SessionJudgement): string | null {
  const commit = session.trials.findLast((one) => one.decision?.decision === 'commit' && !one.passed);
  const ending = commit && holdBackOf(session, commit)?.decision;
  if (!commit?.result || !ending || !triggers[ending.trigger].harms) return null;
  const { baseline, candidate, result } = commit;
  return `${changesText(baseline, candidate)} was proven in ${countedText(result.pairs, 'pair')} and refuted in its hold-back: ${triggers[ending.trigger].says}`;
}

function noChange(judged: SessionJudgement): VerdictData {
  const refuted = refutedText(judged);
  const tried = judgedChanges(judged);
  if (refuted !== null) return lineOf('no-change', 'No change worth making', refuted, '');
  const unasked = sweptText(judged) ?? notAskedText(judged, tried.length);
  if (unasked !== null) return lineOf('not-judged', 'Not judged', unasked.claim, unasked.rest);
  const noise = judged.noise
    ? ` (at the noise here a full trial tells gains from ${shareText(judged.noise.fullTrial.floor)} up)`
    : '';
  const name = metricName(judged.session.entry.goal.objective.metric);
  const claim =
    tried.length === 0
      ? `at ${settingsText(judged.start)} no change is predicted to gain ${shareText(judged.session.entry.options.minGain, 0)} or more${noise}`
      : `of ${countedText(tried.length, 'change')} tried on live calls none gave better ${name} than the current setting${noise}`;
  const reason = judged.session.notTried.at(-1)?.reason;
  const best = tried
    .flatMap((one) => (one.effect ? [one] : []))
    .sort((a, b) => (b.effect?.estimate ?? 0) - (a.effect?.estimate ?? 0))[0];
  const rest = best?.effect
    ? `closest: ${changesText(best.baseline, best.candidate)}, ${intervalText(asMetricChange(best.effect, judged.session.entry.goal.objective.direction))}`
    : (reason ?? '');
  return lineOf('no-change', 'No change worth making', claim, rest);
}

/** What stands in the place of a verdict. */
interface Unasked {
  readonly claim: string;
  readonly rest: string;
}

/** Nobody looked for a better setting: no model was asked, and what was tried came from a user. */
function notAskedText({ session, noise }: SessionJudgement, tried: number): Unasked | null {
  const asked =
    session.probes.length > 0 ||
    session.recommendations.length > 0 ||
    session.notTried.some((one) => lookedFor.has(one.code)) ||
    session.trials.some(({ sealed, purpose }) => purpose === 'candidate' && sealed?.by !== 'user');
  if (asked) return null;
  if (tried === 0) return { claim: 'no model was asked', rest: session.notTried.at(-1)?.reason ?? '' };
  return {
    claim: 'no model was asked; only settings proposed by hand were tried, and none was found better',
    rest: noise ? 'measuring the noise took the time' : '',
  };
}

/** Recorded only where a model had been asked for a setting. */
const lookedFor: ReadonlySet<NotTriedCode> = new Set([
  'nothing-predicted',
  'needs-probe',
  'high-risk',
  'predicted-loss',
  'small-gain',
  'unlikely-gain',
  'too-many-pairs',
  'too-long',
  'unjudgeable',
]);

/** A setting that a sweep measured in turns with the one at the start, clearly better, and no trial judged. */
function sweptText(judged: SessionJudgement): Unasked | null {
  const { session, start } = judged;
  const { metric, direction } = session.entry.goal.objective;
  const better = (a: Interval, b: Interval) => (direction === 'maximize' ? a.low > b.high : a.high < b.low);
  const sign = direction === 'maximize' ? -1 : 1;
  for (const { points } of session.sweeps.toReversed()) {
    const before = points.find((one) => one.windows > 1 && sameSettings(one.settings, start));
    const [best] = points
      .filter((one) => before && one.windows > 1 && better(one.metric, before.metric))
      .filter((one) => !judgedChanges(judged).some(({ candidate }) => sameSettings(candidate, one.settings)))
      .toSorted((a, b) => sign * (a.metric.estimate - b.metric.estimate));
    if (!before || !best) continue;
    const named = settingsText(best.settings, changedKnobs(start, best.settings));
    return {
      claim: `a sweep found ${named} clearly better, ${metricText(metric, best.metric.estimate)} against ${metricText(metric, before.metric.estimate)} ${metricName(metric)}`,
      rest: 'no trial has judged it',
    };
  }
  return null;
}

function notJudged(judged: SessionJudgement): VerdictData {
  const { session, windows, live } = judged;
  const { mode } = session.entry.options;
  const noCall = session.accounting?.offered === 0;
  const measured = `still measuring: ${countedText(windows.count, 'window')} so far`;
  const last = judged.trials.at(-1);
  const cut = last?.verdict === null && last.decision === null ? last : null;
  const undecided = candidates(judged).at(-1);
  const reason =
    mode === 'off'
      ? 'switched off; nothing was tuned'
      : windows.count === 0
        ? live
          ? measured
          : noCall
            ? 'no call was made'
            : 'no window was measured'
        : cut
          ? `${session.ended === 'open' ? 'inside' : 'the session ended inside'} trial ${cut.trial} (${cut.purpose === 'a/a' ? 'the noise measurement' : changesText(cut.baseline, cut.candidate)}) after ${countedText(cut.pairCount, 'pair')}${undecidedText(cut)}`
          : undecided
            ? `no trial came to a verdict; the last ended because: ${undecided.trigger === null ? 'not known' : triggers[undecided.trigger].says} (${undecided.reason})`
            : session.failure
              ? `${session.failure.what} failed: ${session.failure.message}`
              : mode === 'observe'
                ? 'mode observe only measures; nothing was tried'
                : session.baselines.length === 0
                  ? live
                    ? measured
                    : noCall
                      ? 'no call was made'
                      : `no quiet reference yet (${countedText(windows.count, 'window')} measured)`
                  : 'nothing was tried yet';
  const rest =
    session.ended === 'open' && !live && mode !== 'off'
      ? 'the session has no recorded end: it still runs, or it was interrupted'
      : Object.keys(judged.start).length === 0
        ? 'nothing to tune: no knobs'
        : `the setting ${live ? 'in force is' : 'stays at'} ${settingsText(live ? session.inForce : judged.start)}`;
  return lineOf('not-judged', 'Not judged', reason, rest);
}

/** What is known of a trial without a verdict. */
function undecidedText(trial: TrialData): string {
  const waiting = waitingText(trial);
  return waiting === '' ? '' : `; ${waiting}`;
}

/** Trials of a change; the noise measurement and hold-backs are about something else. */
function candidates({ trials }: SessionJudgement): readonly TrialData[] {
  return trials.filter((one) => one.purpose === 'candidate');
}

/** Those of them that came to a verdict on evidence. */
function judgedChanges(judged: SessionJudgement): readonly TrialData[] {
  const onEvidence = new Set(judged.session.trials.filter(isJudged).map((one) => one.trial));
  return candidates(judged).filter((one) => onEvidence.has(one.trial));
}

/** A reference was measured, predictors were asked, and none had anything to offer. */
function predictedNothing({ session, trials }: SessionJudgement): boolean {
  const { baselines, notTried } = session;
  const unstable = notTried.every((one) => one.code === 'not-stable');
  return baselines.length > 0 && notTried.length > 0 && !unstable && trials.every((one) => one.purpose === 'a/a');
}

function lineOf(kind: VerdictData['kind'], action: string, claim: string, rest: string): VerdictData {
  return { kind, action, claim, rest, line: `${action}: ${claim}${rest ? `; ${rest}` : ''}.` };
}
