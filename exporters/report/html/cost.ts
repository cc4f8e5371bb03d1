/** What measuring cost, and whether every call is accounted for. */
import { costSentence } from '../../words/measuring.ts';
import { accountText, noAccountText } from '../account-words.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { section } from './elements.ts';

export function costSection({ measuring, accounting, session }: ReportData): Markup | null {
  if (!session) return null;
  const cost = measuring
    ? html`<p>Measuring ${costSentence(measuring)}: ${measuring.how}.</p>`
    : html`<p class="soft">The cost of measuring was not measured in this session.</p>`;
  const lead = accounting
    ? 'Every call offered is either settled in one way or still in flight.'
    : 'What measuring costs.';
  return section('cost', 'Cost and accounting', lead, [cost, accountingMarkup(accounting)]);
}

function accountingMarkup(accounting: ReportData['accounting']): Markup {
  if (!accounting) return html`<p class="soft">${noAccountText}</p>`;
  const { difference } = accounting;
  return difference === 0
    ? html`<p>${accountText(accounting)}. Nothing is missing.</p>`
    : html`<p class="harm-text">${accountText(accounting)}. Do not rely on this report.</p>`;
}
