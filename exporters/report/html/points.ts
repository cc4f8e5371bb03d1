/** Every setting tested, what was recommended without a trial, and why nothing further was tried. */
import type { Settings } from '../../../src/contracts.ts';
import { metricName, metricText } from '../../words/metric.ts';
import { countedText } from '../../words/numbers.ts';
import { changedKnobs, settingsText, varyingKnobs } from '../../words/settings.ts';
import type { PointData, ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { multipleText, ranked } from '../point-words.ts';
import { responsePicture } from '../svg/response.ts';
import type { Detail } from './detail.ts';
import { capped, details, figure, section, table } from './elements.ts';

export function pointsSection(data: ReportData, { rows, points: drawnPoints }: Detail): Markup | null {
  const { points, objective, notTried, recommendations } = data;
  // The setting at the start alone was measured, and not tested; the figures beside the verdict have it.
  const tested = points.some((one) => one.source !== 'baseline');
  if (!objective || (!tested && notTried.length === 0 && recommendations.length === 0)) return null;
  const { listed, more } = capped(ranked(data), rows);
  const varying = varyingKnobs(points.map((one) => one.settings));
  const columns = [
    { name: 'Setting' },
    { name: 'Against the start', num: true },
    { name: metricName(objective.metric), num: true },
    { name: 'Beside it', num: true },
    { name: 'Windows', num: true },
    { name: 'From' },
  ];
  const row = (one: PointData) => ({
    cells: [
      settingsText(one.settings, varying),
      one.multiple ? multipleText(one.multiple.value) : 'not known',
      html`${metricText(objective.metric, one.value)}${one.low === one.high ? null : html`<small>${metricText(objective.metric, one.low)} to ${metricText(objective.metric, one.high)}</small>`}`,
      one.beside
        ? html`${metricText(objective.metric, one.beside.value)}<small>${settingsText(one.beside.settings, varying)}</small>`
        : 'nothing',
      one.windows,
      html`${one.source}<small>${one.label}</small>`,
    ],
  });
  return section(
    'tested',
    'Every setting tested',
    tested
      ? 'Only what was measured is drawn, as a multiple of the start, over what each was measured in turns with. Points of different times compare by nothing else. There is no curve between points.'
      : 'No setting but that at the start was measured.',
    [
      !tested
        ? null
        : figure(responsePicture(data, drawnPoints), [
            key(),
            html`In the colour of the text: the other settings as at the start. Blue: the other settings as chosen. Pale: neither. Ringed: start and chosen themselves. Whiskers are intervals of the mean for baseline and sweep, of the effect for trials, lowest and highest window for probes.${points.length > drawnPoints ? ` Drawn are ${drawnPoints} of ${points.length} points.` : ''}`,
          ]),
      tested
        ? details(`${countedText(points.length, 'tested point')} as a table`, [
            table('Tested points', columns, listed.map(row)),
            more,
          ])
        : null,
      recommendations.length > 0
        ? html`<div><h3>Suggested without a trial</h3><ul class="plain-list">${recommendations.slice(0, rows).map((one) => html`<li>${named(one.settings, one.reason, data)} <span class="soft">(${one.priority} priority; ${one.evidence})</span></li>`)}</ul></div>`
        : null,
      notTried.length > 0
        ? details(
            `${countedText(notTried.length, 'reason')} for trying nothing further`,
            html`<ul class="plain-list">${notTried.slice(0, rows).map((one) => html`<li>${one.settings ? named(one.settings, one.reason, data) : one.reason}${one.toAllow === null ? '' : `; to allow it: ${one.toAllow}`}</li>`)}</ul>`,
          )
        : null,
    ],
  );
}

/** 'batchSize 8: a batch costs …'. */
function named(settings: Settings, reason: string, { settings: { start } }: ReportData): string {
  return `${settingsText(settings, changedKnobs(start, settings))}: ${reason}`;
}

function key(): Markup {
  const item = (shape: Markup, words: string) =>
    html`<span><svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">${shape}</svg>${words}</span>`;
  return html`<span class="key">${item(html`<rect class="dot" x="2" y="2" width="8" height="8"/>`, 'baseline')}${item(html`<path class="dot" d="M6 1L11 10H1Z"/>`, 'probe')}${item(html`<path class="dot" d="M6 0L12 6L6 12L0 6Z"/>`, 'trial')}${item(html`<circle class="dot" cx="6" cy="6" r="4"/>`, 'sweep')}</span>`;
}
