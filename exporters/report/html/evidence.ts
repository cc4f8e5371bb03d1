/** Noise first, then every trial: one picture, one table, and below each trial as it went. */

import { evidenceText, restsOnEValue } from '../../words/evidence.ts';
import { guardrailText } from '../../words/guardrail.ts';
import { asMetricChange, metricName } from '../../words/metric.ts';
import { floorText, isBounded } from '../../words/noise.ts';
import { changeText, countedText, levelText, rangeText } from '../../words/numbers.ts';
import type { NoiseData, ReportData, TrialData } from '../data.ts';
import { html, type Markup, type MarkupValue, prose } from '../markup.ts';
import { effectsPicture } from '../svg/effects.ts';
import { otherMetricText, outcomeDetail, outcomeWord, toneOf, trialName } from '../trial-words.ts';
import type { Detail } from './detail.ts';
import { capped, figure, section, table } from './elements.ts';

export function evidenceSection(data: ReportData, { rows }: Detail): Markup | null {
  const { noise, objective, trials } = data;
  if (!objective || trials.length === 0) return null;
  const lead = noise
    ? `${noiseSource(noise)}: at that spread a full trial of ${noise.fullTrial.pairs} pairs ${isBounded(noise.fullTrial.floor) ? `tells gains from ${floorText(noise.fullTrial.floor)} up` : 'tells no gain'} from none, four times out of five. That is called noise.${aaBeside(data)}`
    : 'The noise is not known: intervals are all there is to go by.';
  const { listed, more } = capped(trials, rows);
  const columns = [
    { name: 'Trial' },
    { name: `Change of ${metricName(objective.metric)}`, num: true },
    { name: 'Pairs', num: true },
    { name: 'Evidence' },
    { name: 'Guardrails, checks' },
    { name: 'Outcome' },
  ];
  return section('evidence', 'Noise, then effects', lead, [
    figure(
      effectsPicture(data, rows),
      'Dot and bar: measured effect and its interval. Open box above it: the prediction sealed before the trial. Grey band: noise.',
    ),
    table(
      'All trials',
      columns,
      listed.map((trial) => ({ cells: rowOf(trial, data), strong: false })),
    ),
    more,
  ]);
}

/** Why the two figures of one a/a trial may look as if they said different things. */
function aaBeside({ noise, trials }: ReportData): string {
  const own = trials.find(({ trial }) => trial === noise?.trial);
  return own?.effect
    ? ` The change beside "${trialName(own)}" is what its ${countedText(own.pairCount, 'pair')} showed where there was nothing to find: of so few it may be larger than that.`
    : '';
}

function noiseSource({ source, pairs }: NoiseData): string {
  return source === 'a/a'
    ? `One setting ran against itself, with real flips, in ${countedText(pairs, 'pair')}`
    : `No setting ran against itself; ${countedText(pairs, 'adjacent window')} at rest were compared`;
}

function rowOf(trial: TrialData, data: ReportData): MarkupValue[] {
  const { direction, metric } = trial.objective;
  const effect = trial.effect && asMetricChange(trial.effect, direction);
  const all = trial.allCalls && asMetricChange(trial.allCalls, direction);
  return [
    html`${trial.trial}. ${trialName(trial)}${trial.by === 'user' ? html`<small>proposed by hand</small>` : null}`,
    effect
      ? html`${otherMetricText(trial, data.objective?.metric ?? metric)}<b>${changeText(effect.estimate)}</b><small>${rangeText(effect.low, effect.high)} at ${levelText(effect.level)}</small>${all ? html`<small>over all calls ${changeText(all.estimate)} (${rangeText(all.low, all.high)})</small>` : null}`
      : 'none',
    trial.pairCount,
    html`${evidenceText(trial)}${trial.eValue !== null && restsOnEValue(trial) ? html`<small>e-value ${eValueText(trial.eValue)}</small>` : null}`,
    safetyText(trial),
    outcomeMarkup(trial),
  ];
}

function outcomeMarkup(trial: TrialData): Markup {
  const tone = toneOf(trial);
  const detail = outcomeDetail(trial);
  return html`<span class="nowrap ${tone === 'plain' ? '' : `${tone}-text`}">${outcomeWord(trial)}</span>${detail ? html`<small>${prose(detail)}</small>` : null}`;
}

/** '3 of 3 hold; checks passed'. What failed is named. */
function safetyText(trial: TrialData): string {
  const holds = trial.guardrails.filter((one) => one.state === 'holds').length;
  const not = trial.guardrails
    .filter((one) => one.state !== 'holds')
    .map((one) => `${guardrailText(one.guardrail)} ${one.state}`);
  const failed = trial.checks.filter((one) => !one.passed).map((one) => one.name);
  return [
    trial.guardrails.length === 0
      ? 'no guardrails'
      : `${holds} of ${trial.guardrails.length} hold${not.length > 0 ? ` (${not.join(', ')})` : ''}`,
    trial.checks.length === 0
      ? 'no checks'
      : failed.length > 0
        ? `failed: ${failed.join(', ')}`
        : `${trial.checks.length} checks passed`,
  ].join('; ');
}

function eValueText(eValue: number): string {
  if (eValue >= 1e5) return eValue.toExponential(1).replace('e+', ' × 10^');
  return eValue >= 10 ? String(Math.round(eValue)) : eValue.toPrecision(2);
}
