/** What a proven change is claimed to gain, in words: how much, by which evidence, in how many pairs. */
import type { Settings } from '../../../src/contracts.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import type { SessionHistory, TrialHistory } from '../../../tuner/history.ts';
import { asMetricChange, metricName } from '../../words/metric.ts';
import {
  changeText,
  countedText,
  intervalText,
  levelText,
  listText,
  rangeText,
  shareText,
} from '../../words/numbers.ts';
import type { GainData } from '../data.ts';
import { countedIn, isSaving } from './gain.ts';

export interface ClaimBasis {
  readonly session: SessionHistory;
  readonly start: Settings;
  /** Trials that lead to the chosen setting, in order; at least one. */
  readonly chain: readonly TrialHistory[];
  readonly pending: TrialHistory | null;
  readonly gain: GainData | null;
}

export function claimOf(claim: ClaimBasis): string {
  const { session, chain, gain } = claim;
  const { objective } = session.entry.goal;
  const name = metricName(objective.metric);
  const counted = countedIn(chain);
  const cheaper = chain.filter(isSaving);
  if (!gain) return `proven ${pairsText(counted)}, how much it gains is not known`;
  const effect = asMetricChange(gain.effect, objective.direction);
  if (cheaper.length === chain.length)
    return `the same ${name} for less: ${intervalText(effect)}, ${listOf([measuredText(gain), equivalentText(claim, cheaper)])}`;
  const again = gain.again && asMetricChange(gain.again, objective.direction);
  const main = listOf([
    `${changeText(effect.estimate)} ${name} (${levelText(effect.level)} interval ${rangeText(effect.low, effect.high)})`,
    measuredText(gain),
    `proven ${chain.at(-1) === claim.pending ? 'once ' : ''}${pairsText(counted)}`,
    again ? `seen again at ${changeText(again.estimate)} (${rangeText(again.low, again.high)}) in its hold-back` : '',
  ]);
  if (cheaper.length === 0) return main;
  const steps = listText(cheaper.map((one) => changesText(one.baseline, one.candidate)));
  return `${main}; ${steps} for less, ${equivalentText(claim, cheaper)}`;
}

/** How the effect was measured, where it is not that of a single trial. */
function measuredText({ source, trials }: GainData): string {
  if (source === 'side by side') return 'start and chosen measured side by side';
  return trials.length > 1 ? `product of ${trials.length} trials, not measured side by side` : '';
}

function equivalentText({ session }: ClaimBasis, trials: readonly TrialHistory[]): string {
  return `equivalent within ±${shareText(Math.abs(session.entry.options.revertAt))} ${pairsText(trials)}`;
}

/** 'in 9 pairs', 'in 9 + 16 pairs'. */
function pairsText(trials: readonly TrialHistory[]): string {
  const pairs = trials.map((one) => one.result?.pairs ?? 0);
  return `in ${pairs.length === 1 ? countedText(pairs[0] ?? 0, 'pair') : `${pairs.join(' + ')} pairs`}`;
}

function listOf(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
