/**
 * What the demo is there to show and a run of it did not, each with the reason: on a machine that has other
 * work to do a trial may prove nothing, and a run that proved nothing must not look like one that did.
 */
import { triggers } from 'sandtune/tuner';
import { changedText } from './knob-list.ts';
import type { DemoResult, TrialLine } from './result.ts';

export type Facts = Pick<
  DemoResult,
  'trials' | 'predictedNothing' | 'cheaper' | 'harm' | 'crash' | 'fractionOfBest' | 'start' | 'chosen'
>;

/** Share of the best of the grid that counts as found; the acceptance of the demo asks for the same. */
const goodFraction = 0.9;

/** One clause for each promise that was not kept; empty after a run that showed everything. */
export function notShownIn(facts: Facts): readonly string[] {
  return [...gain(facts), ...saving(facts), ...harm(facts), ...kill(facts), ...best(facts)];
}

function gain({ trials, predictedNothing }: Facts): readonly string[] {
  const predicted = trials.filter((one) => one.predicted !== null);
  const last = predicted.at(-1);
  if (!last) return [`a prediction put to the test: ${predictedNothing ?? 'there was none'}`];
  if (predicted.some((one) => one.kept && triggers[one.trigger].keeps !== null)) return [];
  return [`a predicted gain: ${changedText(last.from, last.settings)} was ${endingText(last)}`];
}

function saving({ trials, cheaper }: Facts): readonly string[] {
  const isSaving = (one: TrialLine) => one.kept && triggers[one.trigger].keeps === 'saving';
  if (trials.some(isSaving)) return [];
  const tried = trials.findLast((one) => one.id === cheaper?.trial);
  return [
    `that of two equal settings the cheaper is kept: ${tried ? `${changedText(tried.from, tried.settings)} was ${endingText(tried)}` : 'none was tried'}`,
  ];
}

function harm({ trials, harm: tried }: Facts): readonly string[] {
  const trial = trials.findLast((one) => one.id === tried?.trial);
  if (!tried || !trial) return ['that harm is reverted: nothing was left that might have done any'];
  if (tried.decision === 'revert' && triggers[tried.trigger].harms) return [];
  return [`that harm is seen: ${changedText(trial.from, trial.settings)} was ${endingText(trial)}`];
}

function kill({ crash }: Facts): readonly string[] {
  return crash.killedInTrial ? [] : ['a start after a kill inside a trial: each kill came too late for it'];
}

function best({ fractionOfBest }: Facts): readonly string[] {
  if (fractionOfBest !== null && fractionOfBest >= goodFraction) return [];
  return ['that what was chosen comes near what a sweep by hand finds: see below'];
}

/** 'kept: proven better', 'reverted: no proof in the time allowed (20 s were not enough: …)' */
function endingText(trial: TrialLine): string {
  const { says, proven } = triggers[trial.trigger];
  return `${decisionWord(trial)}: ${says}${proven ? '' : ` (${trial.reason})`}`;
}

/** What became of the setting; one that was committed is kept once its hold-back has seen the gain again. */
export function decisionWord({ decision, kept }: Pick<TrialLine, 'decision' | 'kept'>): string {
  if (decision === 'commit') return kept ? 'kept' : 'committed, and not held';
  return decision === 'revert' ? 'reverted' : 'left as it was';
}
