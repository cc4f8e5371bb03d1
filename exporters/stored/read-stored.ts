/**
 * A stored ledger read into the parts of a report, on the thread that this is done on. Rows are read one
 * after the other and windows are let go as soon as they are counted.
 *
 *   file ── openStored ──▶ entries ── keptOf ──▶ collect ──▶ data, trials, html, markdown, json
 *                             └─── replayed ──▶ StoredReplay
 */
import { collect } from '../report/collect/collect.ts';
import { keptOf } from '../report/collect/read-session.ts';
import type { ReportData, TrialData } from '../report/data.ts';
import { renderHtml } from '../report/html/page.ts';
import { jsonPieces } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown/summary.ts';
import { openStored } from './open-stored.ts';
import type { Part, ReportRequest } from './protocol.ts';
import { faultsOf, replayed } from './replay-stored.ts';
import { runnerOf } from './runner.ts';

/** Pairs and windows in one part: the host takes a part in a millisecond or two. */
const heldAtOnce = 500;
/** Characters in one part. */
const charsAtOnce = 2 ** 19;

/** @throws {SandtuneError} ERR_SANDTUNE_LEDGER, ERR_SANDTUNE_STORE, ERR_SANDTUNE_OPTION */
export function* reportParts({ path, session, title, replay: wantsReplay }: ReportRequest): Generator<Part> {
  using ledger = openStored(path);
  const kept = keptOf(ledger, session);
  const chosen = kept.history?.entry.session;
  const played = wantsReplay && chosen !== undefined ? replayed(ledger, chosen) : null;
  const data = collect(
    kept,
    { ...(title !== undefined && { title }), ...(played && { replay: played }) },
    { found: played ?? faultsOf(ledger, chosen), runner: runnerOf(ledger, kept.history) },
  );
  if (played) yield { of: 'replay', replay: played };
  yield { of: 'data', data: { ...data, trials: [] } };
  for (const trials of inParts(data.trials)) yield { of: 'trials', trials };
  yield* texts(data);
}

function* inParts(trials: readonly TrialData[]): Generator<readonly TrialData[]> {
  let part: TrialData[] = [];
  let held = 0;
  for (const trial of trials) {
    part.push(trial);
    held += 1 + trial.pairs.length + trial.windows.length;
    if (held < heldAtOnce) continue;
    yield part;
    part = [];
    held = 0;
  }
  if (part.length > 0) yield part;
}

function* texts(data: ReportData): Generator<Part> {
  yield* inPieces('html', [renderHtml(data)]);
  yield* inPieces('markdown', [renderMarkdown(data)]);
  yield* inPieces('json', jsonPieces(data));
}

/** Short pieces are joined, long ones are cut. */
function* inPieces(of: 'html' | 'markdown' | 'json', pieces: Iterable<string>): Generator<Part> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    while (text.length >= charsAtOnce) {
      yield { of, text: text.slice(0, charsAtOnce) };
      text = text.slice(charsAtOnce);
    }
  }
  if (text !== '') yield { of, text };
}
