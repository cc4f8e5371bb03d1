/**
 * What a watched service says, one JSON line at a time, on a pipe of its own. It writes each line
 * before it goes on, so whatever it had done when it was killed has been said.
 */
import { hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Settings } from '../../../src/contracts.ts';
import type { Entry, TunerRecord } from '../../../tuner/index.ts';

export type Said =
  /** `tune()` is about to be called. */
  | { readonly kind: 'opening'; readonly configured: Settings }
  /** `place`: counts the entries of the session, from 1. */
  | {
      readonly kind: 'entry';
      readonly session: number;
      readonly place: number;
      readonly what: string;
      readonly digest: string;
      /** The anchor of a session, the setting of a window or of a record that is about one. */
      readonly settings?: Settings;
    }
  /** The ledger said of so many entries that they are on disk. */
  | { readonly kind: 'durable'; readonly session: number; readonly place: number }
  /** A window begins, on the anchor or beside it. */
  | { readonly kind: 'measuring'; readonly onAnchor: boolean };

/** The file descriptor of the pipe. */
const saidOn = 3;

export function say(said: Said): void {
  writeSync(saidOn, `${JSON.stringify(said)}\n`);
}

export function digestOf(entry: Entry): string {
  return hash('sha1', JSON.stringify(entry)).slice(0, 16);
}

/** 'session:auto', 'event:measured:candidate', 'record:intent:trial', 'record:phase:resting' … */
export function whatOf(entry: Entry): string {
  switch (entry.kind) {
    case 'session':
      return `session:${entry.options.mode}`;
    case 'event':
      return `event:${entry.event.kind}${entry.event.kind === 'measured' ? `:${entry.event.arm}` : ''}`;
    case 'record': {
      const { record } = entry;
      const detail = detailOf(record);
      return detail === null ? `record:${record.kind}` : `record:${record.kind}:${detail}`;
    }
    case 'remark':
      return `remark:${entry.remark.kind}`;
  }
}

function detailOf(record: TunerRecord): string | null {
  if ('purpose' in record) return record.purpose;
  if (record.kind === 'phase') return record.phase;
  return record.kind === 'decision' ? record.decision : null;
}

export function settingsIn(entry: Entry): Settings | null {
  if (entry.kind === 'session') return entry.anchor;
  if (entry.kind === 'event') return entry.event.kind === 'measured' ? entry.event.effective : null;
  return entry.kind === 'record' && entry.record.kind === 'anchor' ? entry.record.settings : null;
}
