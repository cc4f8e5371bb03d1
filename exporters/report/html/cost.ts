/** What measuring cost, and whether every call is accounted for. */
import { costSentence } from '../../words/measuring.ts';
import { wholeText } from '../../words/numbers.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { section } from './elements.ts';

export function costSection({ measuring, accounting, session }: ReportData): Markup | null {
  if (!session) return null;
  const cost = measuring
    ? html`<p>Measuring ${costSentence(measuring)}: ${measuring.how}.</p>`
    : html`<p class="soft">The cost of measuring was not measured in this session.</p>`;
  return section('cost', 'Cost and accounting', 'Every call offered is either settled in one way or still in flight.', [
    cost,
    accountingMarkup(accounting),
  ]);
}

function accountingMarkup(accounting: ReportData['accounting']): Markup {
  if (!accounting) return html`<p class="soft">No account of all calls was recorded for this session.</p>`;
  const { offered, outcomes, inFlight, difference } = accounting;
  const others = Object.entries(outcomes)
    .filter(([name, count]) => name !== 'ok' && count > 0)
    .map(([name, count]) => `${wholeText(count)} ${name}`);
  const balance =
    difference === 0
      ? html`<p><b>${wholeText(offered)} calls offered</b> = ${wholeText(outcomes.ok)} ok${others.length > 0 ? ` + ${others.join(' + ')}` : ''} + ${wholeText(inFlight)} in flight. Nothing is missing.</p>`
      : html`<p class="harm-text">${wholeText(Math.abs(difference))} calls are ${difference > 0 ? 'missing' : 'counted twice'}: ${wholeText(offered)} offered, ${wholeText(offered - inFlight - difference)} settled, ${wholeText(inFlight)} in flight. Do not rely on this report.</p>`;
  return balance;
}
