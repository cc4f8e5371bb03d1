/**
 * The report of one session: a pure view of the ledger.
 *
 *   ledger ── collect ──▶ ReportData ──▶ html (one file), markdown (for a pull request), json
 *
 * Rendering is lazy: what nobody reads is not made.
 */
import type { Ledger } from '../../src/contracts.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import { collect, type ReportOptions } from './collect/collect.ts';
import type { ReportData } from './data.ts';
import { renderHtml } from './html/page.ts';
import { renderMarkdown } from './markdown/summary.ts';

export type { ReportOptions } from './collect/collect.ts';

export interface Report {
  readonly data: ReportData;
  /** One self-contained page, at most 500 KB: no script, no network. */
  readonly html: string;
  /** At most 80 lines, for a pull request. */
  readonly markdown: string;
  /** `data`, indented. */
  readonly json: string;
}

/**
 * Returns what the ledger says about a session.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when the ledger has no such session
 */
export function report(ledger: Ledger<Entry>, options: ReportOptions = {}): Report {
  const data = collect(ledger, options);
  let page: string | undefined;
  let summary: string | undefined;
  return {
    data,
    get html() {
      return (page ??= renderHtml(data));
    },
    get markdown() {
      return (summary ??= renderMarkdown(data));
    },
    get json() {
      return `${JSON.stringify(data, null, 2)}\n`;
    },
  };
}
