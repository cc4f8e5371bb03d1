/** Pieces every section is made of: section, table, details, figure. */
import { html, type Markup, type Part, prose } from '../markup.ts';

/** @param lead one or two sentences that say how to read it */
export function section(id: string, heading: string, lead: Part, body: Part): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-h"><header><h2 id="${id}-h">${heading}</h2>${lead ? html`<p>${typeof lead === 'string' ? prose(lead) : lead}</p>` : null}</header><div class="body">${body}</div></section>
`;
}

export interface Column {
  readonly name: string;
  /** Numbers stand right, in columns of digits. */
  readonly num?: boolean;
}

/** @param label names the table for those who cannot see it; also lets it scroll by keyboard */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly { readonly cells: readonly Part[]; readonly strong?: boolean }[],
): Markup {
  const classOf = (i: number) => (columns[i]?.num ? html` class="num"` : null);
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table${columns.length >= 6 ? html` class="broad"` : columns.length === 5 ? html` class="middling"` : null}><thead><tr>${columns.map((column, i) => html`<th scope="col"${classOf(i)}>${column.name}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr${row.strong ? html` class="strong"` : null}>${row.cells.map((cell, i) => html`<td${classOf(i)}>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

export function details(summary: string, body: Part): Markup {
  return html`<details><summary>${prose(summary)}</summary>${body}</details>`;
}

export function figure(picture: Markup | null, caption: Part): Markup | null {
  return picture && html`<figure>${picture}<figcaption>${caption}</figcaption></figure>`;
}

/** The first `most` rows, and a sentence about the others. */
export function capped<T>(
  items: readonly T[],
  most: number,
): { readonly shown: readonly T[]; readonly more: Markup | null } {
  const left = items.length - most;
  return {
    shown: items.slice(0, most),
    more: left > 0 ? html`<p class="soft small-text">${left} more in the JSON.</p>` : null,
  };
}
