/** Current against recommended, and the exact edit that makes it permanent. */

import { valueIn } from '../../../src/foundation/settings.ts';
import { sameSettings } from '../../../tuner/entries/settings.ts';
import { holdBackText } from '../../words/hold-back.ts';
import { patchLines, patchSigns } from '../../words/patch-lines.ts';
import { valueText } from '../../words/settings.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import type { Detail } from './detail.ts';
import { capped, section, table } from './elements.ts';

export function changeSection(data: ReportData, { rows: mostRows }: Detail): Markup | null {
  const { knobs, patches } = data.settings;
  if (knobs.length === 0) return null;
  const { kind } = data.verdict;
  const holdBack = data.trials.findLast(
    (one) => one.purpose === 'hold-back' && sameSettings(one.candidate, data.settings.chosen),
  );
  const changed = kind === 'change' || kind === 'ask' || kind === 'suggestion';
  const steps = patchLines(patches);
  const { listed, more } = capped(steps, 5 * mostRows);
  const diff =
    steps.length > 0
      ? html`<pre class="diff" tabindex="0" aria-label="the edit">${listed.map(({ kind, text }) => html`<span class="${kind}">${patchSigns[kind]}${text}</span>`)}</pre>`
      : changed
        ? html`<p class="soft">No edit was recorded for this setting: change the values below by hand.</p>`
        : null;
  const lead =
    kind === 'suggestion'
      ? data.gain
        ? `Proven once, and not in force: ${holdBackText(holdBack?.trigger ?? null)}.`
        : suggestionLead(data)
      : changed
        ? steps.length > 0
          ? 'Paste this to make it permanent.'
          : 'Set these values to make it permanent.'
        : kind === 'no-change'
          ? 'Stays as it is.'
          : knobs.some((one) => one.judged)
            ? 'Nothing is recommended, so that it stays as it is.'
            : 'Nothing was judged, so that nothing is recommended.';
  const others = capped(
    [...knobs].sort((a, b) => Number(b.changed) - Number(a.changed)),
    mostRows,
  );
  const rows = (others.more ? others.listed : knobs).map((knob) => ({
    strong: knob.changed,
    cells: [
      knob.id,
      valueText(knob.start),
      // Only what a trial moved and judged is told to be kept.
      knob.changed
        ? valueText(knob.chosen)
        : knob.judged
          ? 'keep'
          : html`<span class="soft">${unjudgedText(data, knob)}</span>`,
      `${valueText(knob.defaultValue)}`,
      html`<span class="soft">${knob.source}</span>`,
    ],
  }));
  const columns = [
    { name: 'Setting' },
    { name: 'At the start', num: true },
    { name: 'Recommended', num: true },
    { name: 'Default', num: true },
    { name: 'Default from' },
  ];
  return section('change', changed ? 'The change' : 'The setting', lead, [
    diff,
    more,
    table('Current and recommended settings', columns, rows),
    others.more,
  ]);
}

/** 'no trial; swept': what moved a knob whose values no trial has judged. */
function unjudgedText({ points }: ReportData, { id, start }: ReportData['settings']['knobs'][number]): string {
  const by = new Set(points.flatMap(({ settings, source }) => (valueIn(settings, id) === start ? [] : [source])));
  if (by.has('trial')) return 'tried, not judged';
  const measured = [...(by.has('sweep') ? ['swept'] : []), ...(by.has('probe') ? ['probed'] : [])];
  return measured.length > 0 ? `${measured.join(' and ')}, no trial` : 'not tried';
}

/** What is known of a setting that no trial has judged: whether one would be made of it depends on the mode, and on who recommends it. */
function suggestionLead({ session, settings, recommendations }: ReportData): string {
  const chosen = recommendations.findLast((one) =>
    sameSettings({ ...settings.start, ...one.settings }, settings.chosen),
  );
  const isPredicted = chosen !== undefined && chosen.predicted !== null;
  return isPredicted && session?.mode === 'advise'
    ? 'Not proven: mode auto or confirm would try it on live calls and revert it if it were worse.'
    : 'Not proven: no trial has judged it.';
}
