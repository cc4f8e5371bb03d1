/** An entry of the ledger as a row of its store, and back. */
import type { NewRow } from '../src/store/row.ts';
import type { Entry } from './entries/entries.ts';

/** @param executor whose ledger it is @param atMs time of an entry that has none of its own */
export function rowOf(entry: Entry, executor: string, atMs: number): NewRow {
  return {
    subject: entry.kind === 'session' ? entry.executor : executor,
    run: entry.session,
    kind: kindOf(entry),
    atMs: timeOf(entry) ?? atMs,
    text: JSON.stringify(entry),
    bulk: entry.kind === 'event' && entry.event.kind === 'measured',
  };
}

/** null for a text that is no entry, as of a row that was damaged. */
export function entryIn(text: string): Entry | null {
  const value = objectIn(text);
  return value !== null && 'kind' in value && 'session' in value ? (value as Entry) : null;
}

/** The object that `text` holds as JSON; null for any other text. */
export function objectIn(text: string | null): object | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function kindOf(entry: Entry): string {
  if (entry.kind === 'event') return `event:${entry.event.kind}`;
  if (entry.kind === 'record') return `record:${entry.record.kind}`;
  return entry.kind === 'remark' ? `remark:${entry.remark.kind}` : entry.kind;
}

/** Records and remarks have none: theirs is that of the event before them. */
function timeOf(entry: Entry): number | null {
  if (entry.kind === 'session') return entry.startedAtMs;
  return entry.kind === 'event' ? entry.event.atMs : null;
}
