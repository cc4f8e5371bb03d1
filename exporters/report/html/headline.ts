/** What a reader sees first: a limit that is broken now, the verdict, and the figures it stands on. */
import { durationText } from '../../../src/foundation/units.ts';
import { dateText } from '../../words/numbers.ts';
import type { FigureData, ReportData } from '../data.ts';
import { entriesText } from '../entries-words.ts';
import { html, type Markup, prose } from '../markup.ts';
import { sentence } from '../sentence.ts';

const kinds = {
  change: 'Proven in a trial',
  ask: 'Proven, waits for a yes',
  suggestion: 'A suggestion, not proven',
  refused: 'Looks better, not tried',
  'no-change': 'No change',
  'not-judged': 'No verdict',
} as const;

export function headline(data: ReportData): Markup {
  const { verdict, session, figures } = data;
  const kind = verdict.kind === 'suggestion' && data.gain ? 'A suggestion, proven once' : kinds[verdict.kind];
  const alarm = verdict.alarm ? html`<p class="alarm">${prose(verdict.alarm)}.</p>` : null;
  const paragraph = (words: string, name: string) =>
    words ? html`<p class="${name}">${prose(sentence(words))}</p>` : null;
  return html`${alarm}<div class="masthead"><span><b>${data.title}</b> &#160;tuning report</span>${session ? html`<span>${dateText(session.startedAtMs)}, ${durationText(session.durationMs)}, mode ${session.mode}</span>` : null}</div>
<div class="verdict"><div class="kind ${verdict.kind}">${kind}</div><h1>${prose(verdict.action)}.</h1>${paragraph(verdict.claim, 'claim')}${paragraph(verdict.why, 'claim')}${paragraph(verdict.rest, 'rest')}</div>
<dl class="figures of-${figures.length}">${figures.map(cell)}</dl>
`;
}

function cell({ name, value, note, entries }: FigureData): Markup {
  return html`<div title="${entriesText(entries)}"><dt>${name}</dt><dd>${prose(value)}<small>${prose(note)}</small></dd></div>`;
}
