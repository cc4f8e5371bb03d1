/** What the result holds for, what measuring cost, whether every call is accounted for, how to get it again. */
import { bytesText } from '../../../src/foundation/units.ts';
import { countedText, intervalText, shareText, wholeText } from '../../words/numbers.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup, prose } from '../markup.ts';
import type { Detail } from './detail.ts';
import { capped, section } from './parts.ts';

export function validitySection({ validity, session, objective }: ReportData): Markup | null {
  if (!session || !objective) return null;
  const { environment } = session;
  return section(
    'validity',
    'What this holds for',
    'A result is about the machine, the load and the mix it was measured with.',
    [
      html`<ul class="plain-list">${validity.map((one) => html`<li>${prose(one)}</li>`)}</ul>`,
      html`<dl class="facts"><dt>Goal</dt><dd>${objective.words}</dd><dt>Guardrails</dt><dd>${objective.guardrails.join(', ') || 'none'}</dd><dt>Executor</dt><dd>${session.executor}</dd><dt>Machine</dt><dd>${environment.cpuModel}, ${environment.cores} CPUs, ${bytesText(environment.memoryBytes)}</dd><dt>Software</dt><dd>sandtune ${environment.sandtune}, Node ${environment.node}, ${environment.platform}</dd></dl>`,
    ],
  );
}

export function costSection({ measuring, accounting, session }: ReportData): Markup | null {
  if (!session) return null;
  const cost = measuring
    ? html`<p>Measuring costs ${shareText(measuring.fraction.estimate)} of throughput: ${intervalText(measuring.fraction)}, ${countedText(measuring.pairs, 'pair')}, ${measuring.how}.</p>`
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

export function reproduceSection({ reproduce, notes }: ReportData, { rows }: Detail): Markup | null {
  if (!reproduce) return null;
  const { replay } = reproduce;
  return section(
    'reproduce',
    'How to get it again',
    'The same seed gives the same coins. The same events give the same decisions.',
    [
      html`<pre tabindex="0" aria-label="the call to tune">${reproduce.call}</pre>`,
      html`<dl class="facts"><dt>Seed</dt><dd>${String(reproduce.seed)}</dd><dt>Session</dt><dd>${String(reproduce.session)}, ledger in <code>${reproduce.stateDir}</code></dd><dt>Replay</dt><dd>${
        replay === null
          ? html`<code>replay(ledger)</code> of <code>sandtune/tuner</code> plays the recorded events again and compares every record`
          : replay.identical
            ? `${wholeText(replay.events)} events played again gave the same ${wholeText(replay.records)} records and ${wholeText(replay.decisions)} decisions, byte for byte`
            : html`<span class="harm-text">differs after ${wholeText(replay.records)} records: the ledger was not written by this version, or not completely</span>`
      }</dd></dl>`,
      notes.length > 0
        ? html`<div><h3>Notes</h3><dl class="facts">${notes.slice(0, rows).map((one) => html`<dt>${one.title}</dt><dd>${one.text}</dd>`)}</dl>${capped(notes, rows).more}</div>`
        : null,
    ],
  );
}
