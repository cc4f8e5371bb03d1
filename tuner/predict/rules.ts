/**
 * The rules: causes that can be recognised without a trial, each with its measured evidence: an idle time-out of 0
 * (idle-timeout.ts); calls that are shorter than the way to a worker have a rule of their own (tier.ts).
 */
import type { Seen } from '../../src/contracts.ts';
import type { RecordOf } from '../entries/entries.ts';
import { idleEvidence, idleKnob } from './idle-timeout.ts';

export type SettingRecommendation = Omit<RecordOf<'recommendation'>, 'kind'>;

/** Recommends a longer idle time-out where workers start again and again. */
export function idleRecommendation(seen: Seen): readonly SettingRecommendation[] {
  const evidence = idleEvidence(seen);
  if (!evidence) return [];
  return [
    {
      priority: evidence.starts / evidence.seconds >= 1 ? 'high' : 'medium',
      settings: { [idleKnob]: evidence.value },
      reason:
        'workers end as soon as they idle and are started again at the next burst; keeping them alive costs memory only',
      evidence: evidence.text,
    },
  ];
}
