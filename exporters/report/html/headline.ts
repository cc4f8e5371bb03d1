/** What a reader sees first: the verdict, and the figures it stands on, the noise before any claim. */
import { durationText } from '../../../src/foundation/units.ts';
import { costFigure } from '../../words/measuring.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { noiseText } from '../../words/noise.ts';
import { changeText, countedText, dateText, percentileText, rangeText, shareText } from '../../words/numbers.ts';
import type { GainData, ReportData } from '../data.ts';
import { html, type Markup, type MarkupValue, prose } from '../markup.ts';
import { sentence } from '../sentence.ts';
import { harmText } from '../trial-words.ts';

const kinds = {
  change: 'Proven in a trial',
  ask: 'Proven, waits for a yes',
  suggestion: 'A suggestion, not proven',
  'no-change': 'Judged: nothing to change',
  'not-judged': 'No verdict',
} as const;

export function headline(data: ReportData): Markup {
  const { verdict, session } = data;
  return html`<div class="masthead"><span><b>${data.title}</b> &#160;tuning report</span>${session ? html`<span>${dateText(session.startedAtMs)}, ${durationText(session.durationMs)}, mode ${session.mode}</span>` : null}</div>
<div class="verdict"><div class="kind ${verdict.kind}">${verdict.kind === 'suggestion' && data.gain ? 'A suggestion, proven once' : kinds[verdict.kind]}</div><h1>${verdict.action}.</h1><p class="claim">${prose(sentence(verdict.claim))}</p>${verdict.rest ? html`<p class="rest">${prose(sentence(verdict.rest))}</p>` : null}</div>
<dl class="figures">${figuresOf(data)}</dl>
`;
}

function figuresOf(data: ReportData): MarkupValue[] {
  const { noise, baseline, gain, objective, latency, reverts, measuring } = data;
  const effect = gain && objective ? asMetricChange(gain.effect, objective.direction) : null;
  return [
    noise
      ? cell(
          'Noise floor',
          noiseText(noise.floor),
          `same setting twice, ${countedText(noise.pairs, 'pair')}; a full trial tells ${shareText(noise.fullTrial.floor)}`,
        )
      : baseline
        ? cell(
            'Noise of a pair',
            `σ ${shareText(baseline.sigmaD)}`,
            `from ${countedText(baseline.windows, 'window')} at rest`,
          )
        : cell('Noise floor', 'not measured', 'no claim can be weighed against it'),
    gain?.metric && objective
      ? cell(
          metricName(objective.metric),
          metricText(objective.metric, gain.metric.chosen),
          `from ${metricText(objective.metric, gain.metric.start)} at the start`,
        )
      : baseline && objective
        ? cell(
            metricName(objective.metric),
            metricText(objective.metric, baseline.metric.estimate),
            gain ? 'at the start' : 'at the current setting',
          )
        : null,
    gain && effect
      ? cell(
          'Change',
          changeText(effect.estimate),
          `${rangeText(effect.low, effect.high)} at ${shareText(effect.level, 0)}, ${sourceText(gain)}`,
        )
      : null,
    latencyCell(latency),
    data.trials.some((one) => one.purpose === 'candidate')
      ? cell('Reverted', reverts.length === 0 ? 'nothing' : countedText(reverts.length, 'setting'), exposureText(data))
      : null,
    measuring ? costCell(measuring) : null,
  ];
}

function sourceText({ source, trials }: GainData): string {
  if (source === 'side by side') return 'measured side by side';
  return trials.length > 1 ? `product of ${trials.length} trials` : `in trial ${trials[0]}`;
}

/** '9,017 calls affected, 0.23 % of all; 2 of them did harm'. */
function exposureText({ reverts, callsAffectedByReverts, accounting }: ReportData): string {
  if (reverts.length === 0) return 'no call ran under a setting that was';
  const share =
    accounting && accounting.offered > 0 ? `, ${shareText(callsAffectedByReverts / accounting.offered, 2)} of all` : '';
  return `${countedText(callsAffectedByReverts, 'call')} affected${share}; ${harmText(reverts)}`;
}

function latencyCell({ start, chosen }: ReportData['latency']): MarkupValue {
  const p = 0.99;
  const before = start?.percentiles.find((one) => one.p === p);
  const after = chosen?.percentiles.find((one) => one.p === p);
  if (!before) return null;
  return cell(
    `Latency ${percentileText(p)}`,
    durationText(after?.ms ?? before.ms),
    after ? `from ${durationText(before.ms)} at the start` : 'at the current setting',
  );
}

function costCell(measuring: NonNullable<ReportData['measuring']>): MarkupValue {
  const { value, note } = costFigure(measuring);
  return cell('Cost of measuring', value, note);
}

function cell(name: string, value: MarkupValue, note: string): Markup {
  return html`<div><dt>${name.charAt(0).toUpperCase() + name.slice(1)}</dt><dd>${value}<small>${prose(note)}</small></dd></div>`;
}
