/**
 * The line at the top of a report: what to do, why, and what else was looked at. Each case is a normal
 * result with words of its own, put together from statements (statement.ts) and from nothing else.
 *
 *   a limit broken now ▸ before everything
 *   proven ▸ recommended, not tried ▸ refused by a gate ▸ declined ▸ nothing worth it ▸ not judged
 */
import { valueIn } from '../../../src/foundation/settings.ts';
import { changesText, sameSettings } from '../../../tuner/entries/settings.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { holdBackOf, isJudged, type SessionHistory, type TrialHistory, triggerOf } from '../../../tuner/history.ts';
import { holdBackText } from '../../words/hold-back.ts';
import { metricName } from '../../words/metric.ts';
import { countedText, listText } from '../../words/numbers.ts';
import { changedKnobs, settingsText, valueText } from '../../words/settings.ts';
import { alarmOf } from './alarm.ts';
import { claimOf } from './claim.ts';
import type { SessionJudgement } from './judgement.ts';
import { endingStatement, noChange, rangeOf } from './no-change.ts';
import { notJudged } from './not-judged.ts';
import { probeWanted, type RefusedSetting, refusedVerdict } from './refused.ts';
import {
  alarmed,
  claiming,
  joined,
  lineOf,
  nothing,
  plain,
  quote,
  type StatedVerdict,
  type Statement,
} from './statement.ts';
import { betterInSweep, sweptStatement } from './swept.ts';

export function verdictOf(judged: SessionJudgement): StatedVerdict {
  return alarmed(calmVerdict(judged), alarmOf(judged));
}

function calmVerdict(judged: SessionJudgement): StatedVerdict {
  const { session, chain, refused } = judged;
  if (chain.length > 0) return change(judged);
  const suggestion = suggestionOf(session);
  if (suggestion) return suggested(judged, suggestion);
  if (refused) return refusedVerdict(refused);
  const said = session.trials.findLast((one) => {
    const trigger = triggerOf(one);
    return one.purpose === 'candidate' && trigger !== null && triggers[trigger].declined;
  });
  if (said) return declined(said);
  return probeWanted(session) ?? noChange(judged) ?? notJudged(judged);
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

function suggested(
  { session, start, refused }: SessionJudgement,
  { settings, reason, evidence, predicted, entryNumber }: SessionHistory['recommendations'][number],
): StatedVerdict {
  const knobs = changedKnobs(start, settings);
  const action = knobs.length > 0 ? `Try ${settingsText(settings, knobs)}` : 'One thing is worth changing';
  const { metric, direction } = session.entry.goal.objective;
  const range = predicted && rangeOf(predicted.gain, direction);
  const promise = range
    ? claiming('looks', `${metricName(metric)} predicted ${range.text}`, range.values, [entryNumber])
    : nothing;
  return lineOf('suggestion', {
    action: claiming('setting', action, {}, [entryNumber]),
    claim: joined([promise, claiming('words', `not proven: ${quote(evidence)}`, {}, [entryNumber])], '; '),
    colon: range ? ': ' : '; ',
    ...(refused && { rest: refusedStatement(refused) }),
    why: claiming('words', quote(reason), {}, [entryNumber]),
  });
}

function change(judged: SessionJudgement): StatedVerdict {
  const { start, chosen, chain, asked, pending } = judged;
  const knobs = changedKnobs(start, chosen);
  const entries = chain.map((one) => one.entryNumber);
  const said = claimOf(judged);
  if (pending && chain.at(-1) === pending)
    return lineOf('suggestion', {
      action: claiming('setting', `Try ${settingsText(chosen, knobs)}`, {}, entries),
      claim: said,
      rest: pendingStatement(judged, pending),
    });
  return lineOf(asked ? 'ask' : 'change', {
    action: claiming(
      'setting',
      `Set ${listText(knobs.map((id) => `${id} to ${valueText(valueIn(chosen, id))}`))}`,
      {},
      entries,
    ),
    claim: said,
    rest: asked ? askedStatement(chain.at(-1), judged) : joined([sweptBetter(judged), restOf(judged)], '; '),
  });
}

/** What a sweep saw better than what is recommended. */
function sweptBetter({ session, chosen }: SessionJudgement): Statement {
  const better = betterInSweep(session, chosen);
  if (better === null) return nothing;
  return joined([sweptStatement(session, chosen, better), plain('which no trial has judged')], ', ');
}

/** Why a commit is not in force for good. */
function pendingStatement({ session }: SessionJudgement, commit: TrialHistory): Statement {
  const ending = holdBackOf(session, commit)?.decision;
  if (ending)
    return claiming(
      'words',
      `${holdBackText(ending.trigger)}, and not in force: ${triggers[ending.trigger].says}`,
      {},
      [ending.entryNumber],
    );
  return plain(
    session.ended === 'open'
      ? 'hold-back not passed yet, and a next start is on the setting before'
      : `${holdBackText(null)}, and not in force: the session ended on the setting before`,
  );
}

function askedStatement(asked: TrialHistory | undefined, { session, runner }: SessionJudgement): Statement {
  return asked?.decision
    ? claiming('words', `not in force: ${triggers[asked.decision.trigger].says}`, {}, [asked.decision.entryNumber])
    : plain(
        session.ended === 'open' && runner?.is !== 'gone'
          ? 'waits for your yes'
          : 'not in force: the session ended before anybody answered',
      );
}

/** What became of the trials and recommendations that did not lead to the verdict. */
function restOf(judged: SessionJudgement): Statement {
  const { session, pending, chain, chosen, refused } = judged;
  const last = session.trials.findLast((one) => one.purpose === 'candidate');
  if (last?.result === null && !chain.some(({ trial }) => trial === last.trial)) {
    const trigger = triggerOf(last);
    const ending = trigger === null ? 'was cut off' : `came to no verdict: ${triggers[trigger].says}`;
    return claiming('words', `the last trial ${ending}`, {}, [last.entryNumber, last.decision?.entryNumber]);
  }
  if (pending)
    return claiming(
      'words',
      `${changesText(pending.baseline, pending.candidate)} was proven once and is not in force: ${holdBackText(holdBackOf(session, pending)?.decision?.trigger ?? null)}`,
      {},
      [pending.verdictEntry, pending.decision?.entryNumber],
    );
  if (refused) return refusedStatement(refused);
  const hints = session.recommendations.filter((one) => !sameSettings({ ...chosen, ...one.settings }, chosen));
  if (hints.length > 0)
    return claiming(
      'tried',
      `${countedText(hints.length, 'suggestion')} not tried yet`,
      { tried: hints.length },
      hints.map((one) => one.entryNumber),
    );
  return otherTrials(judged);
}

function refusedStatement({ looking, because, toAllow }: RefusedSetting): Statement {
  return joined([looking, because, toAllow], '; ');
}

/**
 * How many other changes were tried: of none of them more is said than that it was not proven worth it. That
 * the recommended setting itself was found worse before is said, because the two trials do not agree.
 */
function otherTrials({ session, chain }: SessionJudgement): Statement {
  const leading = new Set(chain.map((one) => one.trial));
  const all = session.trials.filter((one) => one.purpose === 'candidate' && !leading.has(one.trial));
  const against = all.findLast((one) => isHarmful(one) && isRecommended(chain, one));
  const others = all.filter((one) => one !== against);
  const none = others.length === 1 ? 'it was not proven to be worth it' : 'none of them was proven to be worth it';
  return joined(
    [
      against ? endingStatement(against, 'another trial of this change did not agree: it was') : nothing,
      others.length === 0
        ? nothing
        : claiming(
            'tried',
            `${countedText(others.length, 'other change')} tried, and ${none}`,
            { tried: others.length },
            others.map((one) => one.entryNumber),
          ),
    ],
    '; ',
  );
}

function isHarmful(trial: TrialHistory): boolean {
  const trigger = triggerOf(trial);
  return trigger !== null && triggers[trigger].harms;
}

function isRecommended(chain: readonly TrialHistory[], { baseline, candidate }: TrialHistory): boolean {
  return chain.some((one) => sameSettings(one.candidate, candidate) && sameSettings(one.baseline, baseline));
}

/** The verdict on a change that was proven and then declined. */
function declined(trial: TrialHistory): StatedVerdict {
  const { baseline, candidate, design, result, pairs } = trial;
  const count = result?.pairs ?? pairs.length;
  const range = result && rangeOf(result.effect, design.goal.objective.direction);
  return lineOf('no-change', {
    action: plain('No change made'),
    claim: claiming(
      'trial',
      `${changesText(baseline, candidate)} was proven in ${countedText(count, 'pair')}, ${range ? range.text : 'an effect'}`,
      { pairs: count, ...range?.values },
      [trial.verdictEntry, trial.decision?.entryNumber],
    ),
    rest: plain('and declined'),
  });
}
