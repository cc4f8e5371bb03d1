/** How to get the result again. */
import { wholeText } from '../../words/numbers.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import { section } from './elements.ts';

export function reproduceSection({ reproduce }: ReportData): Markup | null {
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
    ],
  );
}
