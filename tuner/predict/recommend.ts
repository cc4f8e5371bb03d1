/**
 * What a user is told to change by hand, because a trial is not needed or not possible: what the rules
 * found, and the gains that the models expect behind a restart.
 */
import type { Seen } from '../../src/contracts.ts';
import { changes, changesText } from '../entries/settings.ts';
import { needsRestart } from './context.ts';
import { viewsOf } from './predict.ts';
import { idleRecommendation, type SettingRecommendation } from './rules.ts';

/** What can be recommended without a trial. */
export function recommendSettings(seen: Seen): readonly SettingRecommendation[] {
  return [...idleRecommendation(seen), ...behindRestart(seen)];
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
