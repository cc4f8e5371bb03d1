/**
 * What a user is told to change by hand, because a trial is not needed or not possible: what the rules
 * found, and the gains that the models expect behind a restart.
 */
import type { Seen, Settings } from '../../src/contracts.ts';
import { changes, changesText, sameSettings } from '../entries/settings.ts';
import { needsRestart } from './context.ts';
import { viewsOf } from './predict.ts';
import { idleRecommendation, type SettingRecommendation } from './rules.ts';
import { tierRecommendation } from './tier.ts';

/** What can be recommended without a trial, and why it gets none. What a trial has ruled out is not recommended. */
export function recommendSettings(seen: Seen): readonly SettingRecommendation[] {
  const after = (settings: Settings) => ({ ...seen.current, ...settings });
  const isRuledOut = ({ settings }: SettingRecommendation) =>
    seen.ruledOut.some((one) => sameSettings(after(one), after(settings)));
  const rules = idleRecommendation(seen).map((one) => withWhyNotTried(seen, one));
  return [...rules, ...tierRecommendation(seen), ...behindRestart(seen)].filter((one) => !isRuledOut(one));
}

function withWhyNotTried(seen: Seen, rule: SettingRecommendation): SettingRecommendation {
  const views = viewsOf(seen);
  const wanted = { ...seen.current, ...rule.settings };
  const isProposed =
    typeof views !== 'string' && views.some(({ proposal }) => proposal && sameSettings(proposal.settings, wanted));
  // What a model proposes is tried, or a start gate says why not.
  if (isProposed) return rule;
  return {
    ...rule,
    reason: `${rule.reason}; not tried by itself, because no gain of ${seen.goal.objective.metric} is predicted from it`,
  };
}

/** What the models would propose if every knob could be moved without a restart, and cannot. */
function behindRestart(seen: Seen): readonly SettingRecommendation[] {
  const free = seen.knobs.map((knob) => ({ ...knob, moves: { up: 'live', down: 'live' } as const }));
  const views = viewsOf({ ...seen, knobs: free });
  if (typeof views === 'string') return [];
  return views
    .flatMap((view) => view.proposal ?? [])
    .filter((proposal) => needsRestart(seen, proposal.settings))
    .map(({ settings, gain, reason }) => ({
      priority: gain.low > 0.1 ? 'high' : 'medium',
      settings: Object.fromEntries(changes(seen.current, settings).map(([knob, , value]) => [knob, value])),
      reason: `${changesText(seen.current, settings)} is expected to help, and takes effect with a restart`,
      evidence: reason,
    }));
}
