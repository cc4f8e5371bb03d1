/** How to get the result again. */
import { countedText, wholeText } from '../../words/numbers.ts';
import type { ReportData } from '../data.ts';
import { entriesText } from '../entries-words.ts';
import { html, type Markup, type MarkupValue, prose } from '../markup.ts';
import type { Detail } from './detail.ts';
import { capped, details, section, table } from './elements.ts';

export function reproduceSection({ reproduce, claims }: ReportData, { rows }: Detail): Markup | null {
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
      claims.length > 0
        ? details(
            `${countedText(claims.length, 'statement')} above, and where each stands in the ledger`,
            claimsMarkup(claims, rows),
          )
        : null,
    ],
  );
}

/** An entry's number counts the entries of the session without its windows. */
function claimsMarkup(claims: ReportData['claims'], rows: number): MarkupValue {
  const { listed, more } = capped(claims, rows);
  return [
    table(
      'Statements and their entries',
      [{ name: 'Statement' }, { name: 'Entries' }],
      listed.map((one) => ({ cells: [prose(one.text), entriesText(one.entries)] })),
    ),
    html`<p class="soft small-text">Number n is the n-th entry of <code>ledger.read({ session, windows: false })</code>.</p>`,
    more,
  ];
}
