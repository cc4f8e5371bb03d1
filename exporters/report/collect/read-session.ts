/**
 * What was kept of a session: by the tuner that runs it, or else read from the ledger in one pass, one
 * entry at a time.
 */
import type { Ledger } from '../../../src/contracts.ts';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { extendKept, isReadable, type KeptSession, nothingKept } from '../../../tuner/history.ts';

/** A ledger; that of a running tuner keeps the fold of its session. */
export interface ReportSource extends Ledger<Entry> {
  kept?(): KeptSession | null;
}

/**
 * @param wanted number of the session. @defaultValue the one that a tuner runs here, else the last
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when there are sessions but not the wanted one
 */
export function keptOf(ledger: ReportSource, wanted?: number): KeptSession {
  const kept = ledger.kept?.();
  if (kept?.history && (wanted ?? kept.history.entry.session) === kept.history.entry.session) return kept;
  const session = wanted ?? lastBegun(ledger);
  if (session === null) return { ...nothingKept, unreadable: unreadableIn(ledger) };
  let read = nothingKept;
  for (const entry of ledger.read({ session })) read = extendKept(read, entry);
  if (read.history) return read;
  throw new SandtuneError('ERR_SANDTUNE_OPTION', noSuchSession(begunIn(ledger), session));
}

/** Sessions listed in an error: a ledger of years has thousands. */
const mostListed = 20;

function noSuchSession(begun: Iterable<number>, session: number): string {
  const all = [...begun];
  const listed = all.slice(-mostListed).join(', ');
  const choice = all.length === 0 ? 'an empty ledger' : all.length > mostListed ? `…, ${listed}` : listed;
  return `session: expected one of the ledger's sessions (${choice}), got ${session}`;
}

function unreadableIn(ledger: Ledger<Entry>): number {
  let count = 0;
  for (const entry of ledger.read({ windows: false })) if (!isReadable(entry)) count++;
  return count;
}

function lastBegun(ledger: Ledger<Entry>): number | null {
  let last: number | null = null;
  for (const session of begunIn(ledger)) last = session;
  return last;
}

/** Numbers of the sessions whose first entry can be read, in the order they began. */
function* begunIn(ledger: Ledger<Entry>): Generator<number> {
  for (const entry of ledger.read({ windows: false }))
    if (entry.kind === 'session' && isReadable(entry)) yield entry.session;
}
