/**
 * The verdict where nothing is recommended: every change that was tried was found not to be worth it, or
 * the models were asked and expect nothing. What was left open is not told as that.
 */
import type { Interval } from '../../../src/contracts.ts';
import type { NotTriedCode } from '../../../tuner/entries/entries.ts';
import { changesText, sameSettings, startOf } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { holdBackOf, isJudged, type SessionHistory, type TrialHistory, triggerOf } from '../../../tuner/history.ts';
import { asMetricChange, metricName } from '../../words/metric.ts';
import { adjacentAtRest, floorText, isBounded } from '../../words/noise.ts';
import { changeText, countedText, endsText, isUnbounded, levelText, listText, shareText } from '../../words/numbers.ts';
import { changedKnobs, settingsText } from '../../words/settings.ts';
import { weakerFirst } from './claim.ts';
import type { SessionJudgement } from './judgement.ts';
import { claiming, joined, lineOf, nothing, plain, quote, type StatedVerdict, type Statement } from './statement.ts';
import { betterInSweep, changesJudged, sweptStatement } from './swept.ts';

/** Null where nobody knows enough to say so. */
export function noChange(judged: SessionJudgement): StatedVerdict | null {
  const refuted = refutedStatement(judged);
  if (refuted !== null) return lineOf('no-change', { action: plain('No change worth making'), claim: refuted });
  const { session, start } = judged;
  const tried = changesJudged(session);
  if (tried.length === 0 && !predictedNothing(judged)) return null;
  const undone = undoneStatement(judged, tried);
  if (undone !== null) return lineOf('no-change', { action: plain('No change made'), claim: undone });
  const unasked = sweptBetter(judged) ?? notAsked(judged, tried);
  if (unasked !== null) return lineOf('not-judged', { action: plain('Not judged'), ...unasked });
  const noise = noiseStatement(judged);
  if (tried.length === 0) {
    const last = session.notTried.at(-1);
    const { minGain } = session.entry.options;
    const claimed = claiming(
      'tried',
      `at ${settingsText(start)} no change is predicted to gain ${shareText(minGain, 0)} or more`,
      { minGain },
      [1, last?.entryNumber],
    );
    const why = last ? claiming('words', quote(last.reason), {}, [last.entryNumber]) : nothing;
    return lineOf('no-change', { action: plain('No change worth making'), claim: joined([claimed, noise], ' '), why });
  }
  const name = metricName(session.entry.goal.objective.metric);
  const counted = claiming(
    'tried',
    `of ${countedText(tried.length, 'change')} tried on live calls none was proven to give better ${name} than the current setting${limitsText(tried)}`,
    { tried: tried.length },
    tried.flatMap((one) => [one.verdictEntry, one.decision?.entryNumber]),
  );
  // What proved nothing either way leaves the question open.
  const open = tried.some(({ result }) => result !== null && !triggers[result.trigger].proven);
  return lineOf('no-change', {
    action: plain(open ? 'No change proven' : 'No change worth making'),
    claim: joined([counted, noise], ' '),
    rest: closest(judged, tried),
  });
}

function noiseStatement({ noise }: SessionJudgement): Statement {
  if (!noise || !isBounded(noise.fullTrial.floor)) return nothing;
  const { pairs, floor } = noise.fullTrial;
  const basis = noise.source === 'a/a' ? 'here' : `of ${adjacentAtRest}`;
  return claiming(
    'noise',
    `(at the noise ${basis} a full trial of ${pairs} pairs tells gains from ${floorText(floor)} up)`,
    { pairs, floor },
    [noise.entry],
  );
}

function closest({ session }: SessionJudgement, tried: readonly TrialHistory[]): Statement {
  const { direction } = session.entry.goal.objective;
  const [best] = tried
    .flatMap((one) =>
      one.result && one.result.pairs > 0 && Number.isFinite(one.result.effect.estimate)
        ? [{ ...one, effect: one.result.effect }]
        : [],
    )
    .toSorted((a, b) => b.effect.estimate - a.effect.estimate);
  const last = tried.at(-1);
  if (!best) return last ? endingStatement(last, changesText(last.baseline, last.candidate)) : nothing;
  const words = rangeOf(best.effect, direction);
  const trigger = triggerOf(best);
  // What a limit or a breaker ended may look as good as it likes.
  const judgedBy = trigger === null ? null : triggers[trigger].judgedBy;
  const ending =
    trigger !== null && (judgedBy === 'breaker' || judgedBy === 'guardrail') ? `, ${triggers[trigger].says}` : '';
  return claiming(
    'closest',
    `closest: ${changesText(best.baseline, best.candidate)}, ${words.text}${ending}`,
    words.values,
    [best.verdictEntry],
  );
}

/** Where a change was found to break a limit, which says nothing of what it gives. */
function limitsText(tried: readonly TrialHistory[]): string {
  const broke = tried.some((one) => {
    const trigger = triggerOf(one);
    return trigger !== null && triggers[trigger].judgedBy === 'guardrail';
  });
  return broke ? ' within the limits' : '';
}

/** '−1.2…+1.4 % (98 % interval, estimate +0.1 %)': the end that claims less first. */
export function rangeOf(effect: Interval, direction: 'maximize' | 'minimize') {
  const change = asMetricChange(effect, direction);
  const [first, second] = weakerFirst(effect, change);
  const { estimate, level } = change;
  return {
    text: isUnbounded(first, second)
      ? `${changeText(estimate)} seen, too few pairs to bound it`
      : `${endsText(first, second)} (${levelText(level)} interval, estimate ${changeText(estimate)})`,
    values: { first, second, estimate, level },
  };
}

/** Changes that were proven better and are not recommended all the same: why nothing is left of them. */
function undoneStatement({ session }: SessionJudgement, tried: readonly TrialHistory[]): Statement | null {
  const proven = tried.filter(({ result }) => result !== null && triggers[result.trigger].keeps === 'gain');
  const last = proven.at(-1);
  if (!last) return null;
  const again = tried.findLast((one) => one.trial > last.trial && sameSettings(one.candidate, last.candidate));
  const named = proven.slice(-mostNamed);
  const steps = listText(named.map((one) => changesText(one.baseline, one.candidate)));
  const isOne = named.length === 1;
  const isBack = sameSettings(startOf(session.entry), last.candidate);
  const counted = claiming(
    'tried',
    `${steps} ${isOne ? 'was' : 'were each'} proven better`,
    { tried: named.length },
    named.flatMap((one) => [one.verdictEntry, one.decision?.entryNumber]),
  );
  const since = again
    ? endingStatement(again, 'and then')
    : plain(isBack ? 'which leads back to the setting at the start' : `and ${isOne ? 'is' : 'are'} not in force`);
  return joined([counted, since], ', ');
}

const mostNamed = 4;

/** 'and then, in trial 3, proven worse than the loss you accept'. */
export function endingStatement(trial: TrialHistory, before: string): Statement {
  const trigger = triggerOf(trial);
  const says = trigger === null ? 'not judged' : triggers[trigger].says;
  return claiming('words', `${before}, in trial ${trial.trial}, ${says}`, {}, [
    trial.verdictEntry,
    trial.decision?.entryNumber,
  ]);
}

/** A commit that its hold-back reverted for harm. */
function refutedStatement({ session }: SessionJudgement): Statement | null {
  const commit = session.trials.findLast((one) => one.decision?.decision === 'commit' && !one.passed);
  const ending = commit && holdBackOf(session, commit)?.decision;
  if (!commit?.result || !ending || !triggers[ending.trigger].harms) return null;
  const { baseline, candidate, result, verdictEntry } = commit;
  const stopped =
    triggers[ending.trigger].judgedBy === 'breaker'
      ? 'stopped by a breaker in its hold-back'
      : 'refuted in its hold-back';
  return claiming(
    'trial',
    `${changesText(baseline, candidate)} was proven in ${countedText(result.pairs, 'pair')} and ${stopped}: ${triggers[ending.trigger].says}`,
    { pairs: result.pairs },
    [verdictEntry, ending.entryNumber],
  );
}

interface Unasked {
  readonly claim: Statement;
  readonly rest: Statement;
}

/** Nobody looked for a better setting: no model was asked, and what was tried came from a user. */
function notAsked(judged: SessionJudgement, tried: readonly TrialHistory[]): Unasked | null {
  const { session } = judged;
  const asked =
    session.probes.length > 0 ||
    session.recommendations.length > 0 ||
    session.notTried.some((one) => lookedFor.has(one.code)) ||
    session.trials.some(({ sealed, purpose }) => purpose === 'candidate' && sealed?.by !== 'user');
  if (asked) return null;
  const last = session.notTried.at(-1);
  const why = last ? claiming('words', quote(last.reason), {}, [last.entryNumber]) : nothing;
  if (tried.length === 0) return { claim: plain('no model was asked'), rest: why };
  return {
    claim: plain(
      `no model was asked; only settings proposed by hand were tried, and none was proven better${limitsText(tried)}`,
    ),
    rest: joined([why, closest(judged, tried)], '; '),
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
  'too-long',
  'unjudgeable',
]);

/** A setting that a sweep saw clearly better than the one at the start, and no trial judged. */
function sweptBetter(judged: SessionJudgement): Unasked | null {
  const { session, start } = judged;
  const better = betterInSweep(session, start);
  return better && { claim: sweptStatement(session, start, better), rest: plain('no trial has judged it') };
}

/** Knobs that a trial with a verdict on evidence moved. */
export function judgedKnobs(session: SessionHistory): ReadonlySet<string> {
  const { trials, entry } = session;
  const judged = new Set<string>();
  for (const one of trials) {
    // Of a long session the first trials have moved every knob already.
    if (judged.size === entry.knobs.length) break;
    if (one.purpose === 'candidate' && isJudged(one))
      for (const id of changedKnobs(one.baseline, one.candidate)) judged.add(id);
  }
  return judged;
}

/** A reference was measured, predictors were asked, and none had anything to offer. */
function predictedNothing({ session }: SessionJudgement): boolean {
  const { baselines, notTried, trials } = session;
  const asked = notTried.some((one) => lookedFor.has(one.code));
  const unasked = notTried.some((one) => one.code !== 'not-stable');
  return baselines.length > 0 && (asked || unasked) && trials.every((one) => one.purpose === 'a/a');
}
