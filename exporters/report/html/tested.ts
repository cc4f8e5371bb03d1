/** Rolled back and why; every setting tested; what was predicted. */
import { changesText } from '../../../tuner/entries/settings.ts';
import { asMetricChange, metricName, metricText } from '../../words/metric.ts';
import { changeText, countedText, intervalText, rangeText, shareText, wholeText } from '../../words/numbers.ts';
import { settingsText, varyingKnobs } from '../../words/settings.ts';
import type { PointData, ReportData } from '../data.ts';
import { html, type Markup, prose } from '../markup.ts';
import { responsePicture } from '../svg/response.ts';
import { delayText, harmText } from '../trial-words.ts';
import type { Detail } from './detail.ts';
import { capped, details, figure, section, table } from './parts.ts';

export function rollbacksSection(
  { rollbacks, callsAffectedByRollbacks, trials, objective }: ReportData,
  { rows }: Detail,
): Markup | null {
  if (!trials.some((one) => one.purpose === 'candidate')) return null;
  if (rollbacks.length === 0)
    return section(
      'rollbacks',
      'Rolled back, and why',
      'Nothing harmful was met.',
      html`<p>No setting was taken back.</p>`,
    );
  const lead = `${countedText(rollbacks.length, 'setting')} taken back, ${countedText(callsAffectedByRollbacks, 'call')} affected; ${harmText(rollbacks)}.`;
  const { shown, more } = capped(rollbacks, rows);
  const columns = [
    { name: 'Setting' },
    { name: 'What triggered' },
    { name: 'Taken back', num: true },
    { name: 'Calls affected', num: true },
    { name: 'Effect seen', num: true },
    { name: 'Why' },
  ];
  return section('rollbacks', 'Rolled back, and why', lead, [
    table(
      'Settings taken back',
      columns,
      shown.map((one) => ({
        cells: [
          html`${changesText(one.from, one.settings)}<small>trial ${one.trial}${one.purpose === 'hold-back' ? ', while confirming' : ''}</small>`,
          html`<span class="${one.harmful ? 'harm-text' : ''}">${one.trigger}</span>`,
          delayText(one),
          wholeText(one.callsAffected),
          one.effect ? changeText(asMetricChange(one.effect, objective?.direction ?? 'maximize').estimate) : 'none',
          prose(one.because),
        ],
      })),
    ),
    more,
  ]);
}

export function testedSection(data: ReportData, { rows, points: drawnPoints }: Detail): Markup | null {
  const { points, objective, notTried, recommendations } = data;
  if (!objective || (points.length === 0 && notTried.length === 0 && recommendations.length === 0)) return null;
  const { shown, more } = capped(points, rows);
  const told = varyingKnobs(points.map((one) => one.settings));
  const columns = [
    { name: 'Setting' },
    { name: metricName(objective.metric), num: true },
    { name: 'Whisker', num: true },
    { name: 'Windows', num: true },
    { name: 'From' },
  ];
  const row = (one: PointData) => ({
    cells: [
      settingsText(one.settings, told),
      metricText(objective.metric, one.value),
      one.low === one.high
        ? 'none'
        : `${metricText(objective.metric, one.low)} to ${metricText(objective.metric, one.high)}`,
      one.windows,
      html`${one.source}<small>${one.label}</small>`,
    ],
  });
  return section(
    'tested',
    'Every setting tested',
    'Only what was measured is drawn. There is no curve between points.',
    [
      figure(responsePicture(data, drawnPoints), [
        key(),
        html`In the colour of the text: the other settings as at the start. Blue: the other settings as chosen. Pale: neither. Ringed: start and chosen themselves. Whiskers are intervals of the mean for baseline and sweep, of the effect for trials, lowest and highest window for probes.${points.length > drawnPoints ? ` Drawn are ${drawnPoints} of ${points.length} points.` : ''}`,
      ]),
      points.length > 0
        ? details(`${countedText(points.length, 'tested point')} as a table`, [
            table('Tested points', columns, shown.map(row)),
            more,
          ])
        : null,
      recommendations.length > 0
        ? html`<div><h3>Suggested without a trial</h3><ul class="plain-list">${recommendations.slice(0, rows).map((one) => html`<li>${settingsText(one.settings)}: ${one.because} <span class="soft">(${one.priority} priority; ${one.evidence})</span></li>`)}</ul></div>`
        : null,
      notTried.length > 0
        ? details(
            `${countedText(notTried.length, 'reason')} for trying nothing further`,
            html`<ul class="plain-list">${notTried.slice(0, rows).map((one) => html`<li>${one.settings ? `${settingsText(one.settings)}: ` : ''}${one.because}</li>`)}</ul>`,
          )
        : null,
    ],
  );
}

function key(): Markup {
  const item = (shape: Markup, words: string) =>
    html`<span><svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">${shape}</svg>${words}</span>`;
  return html`<span class="key">${item(html`<rect class="dot" x="2" y="2" width="8" height="8"/>`, 'baseline')}${item(html`<path class="dot" d="M6 1L11 10H1Z"/>`, 'probe')}${item(html`<path class="dot" d="M6 0L12 6L6 12L0 6Z"/>`, 'trial')}${item(html`<circle class="dot" cx="6" cy="6" r="4"/>`, 'sweep')}</span>`;
}

export function predictionsSection({ predictions, objective }: ReportData, { rows }: Detail): Markup | null {
  if (!objective || predictions.length === 0) return null;
  const scored = predictions.filter((one) => one.covered !== null);
  const covered = scored.filter((one) => one.covered).length;
  const { shown, more } = capped(predictions, rows);
  const columns = [
    { name: 'Setting' },
    { name: 'Model' },
    { name: 'Sealed', num: true },
    { name: 'P(gain)', num: true },
    { name: 'Measured', num: true },
    { name: 'Inside?' },
    { name: 'Brier', num: true },
  ];
  const lead =
    scored.length === 0
      ? 'Sealed in the ledger before the trial. None has been scored yet.'
      : `Sealed in the ledger before the trial. ${covered} of ${countedText(scored.length, 'measured effect')} fell inside the predicted interval.`;
  const turn = (interval: (typeof predictions)[number]['predicted']) => asMetricChange(interval, objective.direction);
  return section('predictions', 'Predicted, then measured', lead, [
    table(
      'Predictions and their scores',
      columns,
      shown.map((one) => ({
        cells: [
          html`${changesText(one.from, one.settings)}<small>trial ${one.trial}, ${one.risk} risk</small>`,
          one.model,
          html`${changeText(turn(one.predicted).estimate)}<small>${rangeText(turn(one.predicted).low, turn(one.predicted).high)}</small>`,
          shareText(one.pGain, 0),
          one.measured
            ? html`<span title="${intervalText(turn(one.measured))}">${changeText(turn(one.measured).estimate)}</span><small>${rangeText(turn(one.measured).low, turn(one.measured).high)}</small>`
            : 'no score',
          one.covered === null ? 'not scored' : one.covered ? 'yes' : html`<span class="harm-text">no</span>`,
          one.brier === null ? 'none' : one.brier.toFixed(3),
        ],
      })),
    ),
    more,
  ]);
}
