/** What was reverted, and why. */
import type { Interval } from '../../../src/contracts.ts';
import { changesText } from '../../../tuner/entries/settings.ts';
import { asMetricChange } from '../../words/metric.ts';
import { changeText, rangeText, wholeText } from '../../words/numbers.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup, prose } from '../markup.ts';
import { delayText, harmText, revertedIn, revertedText, underText } from '../trial-words.ts';
import type { Detail } from './detail.ts';
import { capped, section, table } from './elements.ts';

export function revertsSection(
  { reverts, callsAffectedByReverts, trials, objective }: ReportData,
  { rows }: Detail,
): Markup | null {
  if (!trials.some((one) => one.purpose === 'candidate')) return null;
  if (reverts.length === 0) return section('reverts', 'Reverted, and why', null, html`<p>No setting was reverted.</p>`);
  const counts = revertedIn(reverts);
  const lead = `${revertedText(counts)} reverted, ${underText(callsAffectedByReverts, counts)}; ${harmText(counts)}.`;
  const { listed, more } = capped(reverts, rows);
  const columns = [
    { name: 'Setting' },
    { name: 'What triggered' },
    { name: 'After', num: true },
    { name: 'Calls under it', num: true },
    { name: 'Effect seen', num: true },
    { name: 'Why' },
  ];
  return section('reverts', 'Reverted, and why', lead, [
    table(
      'Settings reverted',
      columns,
      listed.map((one) => ({
        cells: [
          html`${changesText(one.from, one.settings)}<small>trial ${one.trial}${one.purpose === 'hold-back' ? ', in its hold-back' : ''}</small>`,
          html`<span class="${one.harmful || one.stopped ? 'harm-text' : ''}">${one.trigger}</span>`,
          delayText(one),
          wholeText(one.callsAffected),
          one.effect ? effectText(one.effect, one.allCalls, objective?.direction ?? 'maximize') : 'none',
          prose(one.reason),
        ],
      })),
    ),
    more,
  ]);
}

/** What was seen, with the range it may stand for: a figure alone would pass for a proven one. */
function effectText(effect: Interval, allCalls: Interval | null, direction: 'maximize' | 'minimize'): Markup {
  const { estimate, low, high } = asMetricChange(effect, direction);
  const all = allCalls && changeText(asMetricChange(allCalls, direction).estimate);
  return html`${changeText(estimate)}<small>${rangeText(low, high)}</small>${all ? html`<small>over all calls ${all}</small>` : null}`;
}
