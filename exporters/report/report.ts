/**
 * The report of one session: a pure view of what was kept of it (tuner/history/kept.ts).
 *
 *   the session a tuner runs ── ledger.kept() ─┐
 *   another one ── its entries ── extendKept ──┴─▶ collect ──▶ ReportData ──▶ html (one file),
 *                                                              markdown (for a pull request), json
 *
 * Of the session that runs no file is read. Rendering is lazy: what nobody reads is not made.
 */
import { checkInteger, checkKeys, checkText } from '../../src/foundation/options.ts';
import { checkLedger } from '../../tuner/check-ledger.ts';
import { collect, type ReportOptions } from './collect/collect.ts';
import { keptOf, type ReportSource } from './collect/read-session.ts';
import type { ReportData } from './data.ts';
import { renderHtml } from './html/page.ts';
import { jsonPieces } from './json.ts';
import { renderMarkdown } from './markdown/summary.ts';

export type { ReportOptions } from './collect/collect.ts';
export type { ReportSource } from './collect/read-session.ts';

/** One report in three forms, of the same data. */
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
 * Returns what the ledger says about a session. Of the one that a tuner runs through this ledger no file is
 * read, whatever its size; any other session is read here and now, for which `reportOf()` has a thread.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no ledger, a wrong option, or a session that the ledger has not
 */
export function report(ledger: ReportSource, options: ReportOptions = {}): Report {
  return reportAs('live', ledger, options);
}

/** The same of a tuner whose process ends now, so that it is not told as one that goes on. */
export function lastReport(ledger: ReportSource): Report {
  return reportAs('ending', ledger, {});
}

function reportAs(open: 'live' | 'ending', ledger: ReportSource, options: ReportOptions): Report {
  checkLedger('report()', 'reportOf()', ledger);
  checkKeys('report()', options, ['session', 'title', 'replay']);
  if (options.session !== undefined) checkInteger('report(): session', options.session);
  if (options.title !== undefined) checkText('report(): title', options.title);
  const kept = keptOf(ledger, options.session);
  const runs = kept === ledger.kept?.() && kept.history?.ended === 'open';
  const data = collect(kept, options, runs ? (open === 'live' ? { live: true } : { runner: { is: 'ending' } }) : {});
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
      return [...jsonPieces(data)].join('');
    },
  };
}
