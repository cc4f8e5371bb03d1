/** What somebody should know before they rely on the rest: damage of the ledger, and what was noted on the way. */
import { faultTexts } from '../../words/faults.ts';
import { unreadableText } from '../damage-words.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../markup.ts';
import type { Detail } from './detail.ts';
import { capped, section } from './elements.ts';

export function noticesSection({ damage, notes }: ReportData, { rows }: Detail): Markup | null {
  const damaged = [...unreadableText(damage), ...faultTexts(damage)];
  if (damaged.length === 0 && notes.length === 0) return null;
  const faults = capped(damaged, rows);
  const listed = capped(notes.toReversed(), rows);
  return section('notices', 'What was noted', 'What the tuner said while it ran, the newest first.', [
    damaged.length > 0
      ? html`<ul class="plain-list">${faults.listed.map((one) => html`<li class="harm-text">${one}</li>`)}</ul>`
      : null,
    faults.more,
    notes.length > 0
      ? html`<dl class="facts">${listed.listed.map((one) => html`<dt>${one.title}</dt><dd>${one.text}</dd>`)}</dl>`
      : null,
    listed.more,
  ]);
}
