/** What was predicted before each trial, and what the trial measured. */
import { changesText } from '../../../tuner/entries/settings.ts';
import { asMetricChange } from '../../words/metric.ts';
import { chanceText, changeText, countedText, intervalText, rangeText } from '../../words/numbers.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import type { Detail } from './detail.ts';
import { capped, section, table } from './elements.ts';

export function predictionsSection({ predictions, objective }: ReportData, { rows }: Detail): Markup | null {
  if (!objective || predictions.length === 0) return null;
  const scored = predictions.filter((one) => one.covered !== null);
  const covered = scored.filter((one) => one.covered).length;
  const { listed, more } = capped(predictions, rows);
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
      listed.map((one) => ({
        cells: [
          html`${changesText(one.from, one.settings)}<small>trial ${one.trial}, ${one.risk} risk</small>`,
          one.model,
          html`${changeText(turn(one.predicted).estimate)}<small>${rangeText(turn(one.predicted).low, turn(one.predicted).high)}</small>`,
          chanceText(one.pGain),
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
