/** Pieces every section is made of: section, table, details, figure. */
import { html, type Markup, type MarkupValue, prose } from '../markup.ts';

/** @param lead one or two sentences that say how to read it */
export function section(id: string, heading: string, lead: MarkupValue, body: MarkupValue): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-h"><header><h2 id="${id}-h">${heading}</h2>${lead ? html`<p>${typeof lead === 'string' ? prose(lead) : lead}</p>` : null}</header><div class="body">${body}</div></section>
`;
}

export interface Column {
  readonly name: string;
  /** Numbers stand right, in columns of digits. */
  readonly num?: boolean;
}

/**
 * A wide table becomes a list on a narrow page: one block a row, each value beside its column's name.
 * @param label names the table for those who cannot see it; also lets it scroll by keyboard
 * @param rows `dense` ones of many numbers stay a table everywhere, and scroll
 */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly { readonly cells: readonly MarkupValue[]; readonly strong?: boolean }[],
  { dense = false }: { readonly dense?: boolean } = {},
): Markup {
  const stacked = columns.length >= 4 && !dense;
  const size = columns.length >= 6 ? 'broad' : columns.length === 5 ? 'middling' : '';
  const names = [size, stacked ? 'stacked' : ''].filter((one) => one !== '').join(' ');
  const classOf = (i: number) => (columns[i]?.num ? html` class="num"` : null);
  const nameOf = (i: number) => (stacked && i > 0 ? html` data-name="${columns[i]?.name}"` : null);
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table${names === '' ? null : html` class="${names}"`}><thead><tr>${columns.map((column, i) => html`<th scope="col"${classOf(i)}>${column.name}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr${row.strong ? html` class="strong"` : null}>${row.cells.map((cell, i) => html`<td${classOf(i)}${nameOf(i)}>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

export function details(summary: string, body: MarkupValue): Markup {
  return html`<details><summary>${prose(summary)}</summary>${body}</details>`;
}

export function figure(picture: Markup | null, caption: MarkupValue): Markup | null {
  return picture && html`<figure>${picture}<figcaption>${caption}</figcaption></figure>`;
}

/** The first `most` rows, and a sentence about the others. */
export function capped<T>(
  items: readonly T[],
  most: number,
): { readonly listed: readonly T[]; readonly more: Markup | null } {
  const others = items.length - most;
  return {
    listed: items.slice(0, most),
    more: others > 0 ? html`<p class="soft small-text">${others} more in the JSON.</p>` : null,
  };
}
