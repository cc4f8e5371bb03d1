/**
 * The one door by which a tuner says what somebody must learn who does not read its ledger: a warning of
 * the process, and a note in the ledger, which `watch()`, the report and the live view show.
 */
import type { Note, Remark } from '../entries/entries.ts';
import { type WarningCode, warn, warnOnce } from './warn.ts';

/** The note that goes with a warning, and its title. */
const notes = {
  SANDTUNE_LISTENER: ['listener', 'a listener failed'],
  SANDTUNE_KNOB: ['knob', 'a knob failed'],
  SANDTUNE_WINDOW: ['window', 'not measured'],
  SANDTUNE_NAME: ['shared-name', 'shared name'],
  SANDTUNE_MODE: ['mode-held-down', 'held down'],
  SANDTUNE_ENDED: ['ended', 'tuning ended'],
  SANDTUNE_LEDGER: ['ledger', 'ledger in trouble'],
  SANDTUNE_OBSERVING: ['observing-only', 'observing only'],
  SANDTUNE_FOLLOWING: ['following', 'not followed'],
  SANDTUNE_OFF: ['switched-off', 'switched off'],
  SANDTUNE_NO_KNOBS: ['no-knobs', 'nothing to tune'],
  SANDTUNE_NO_CALLS: ['no-calls', 'no calls'],
} as const satisfies Readonly<Record<WarningCode, readonly [Exclude<Note['code'], 'interrupted'>, string]>>;

/** Notes of a session's start that are warnings too: what they say is not what was asked for. */
const warned: ReadonlyMap<Note['code'], WarningCode> = new Map([
  ['ledger', 'SANDTUNE_LEDGER'],
  ['observing-only', 'SANDTUNE_OBSERVING'],
  ['switched-off', 'SANDTUNE_OFF'],
]);

export class Announcer {
  readonly #remark: (remark: Remark) => void;
  readonly #said = new Set<WarningCode>();

  /** @param remark appends to the ledger of the session that runs now */
  constructor(remark: (remark: Remark) => void) {
    this.#remark = remark;
  }

  say(code: WarningCode, text: string, title: string = notes[code][1]): void {
    warn(code, text);
    try {
      this.#remark({ kind: 'note', code: notes[code][0], title, text });
    } catch {
      // A ledger that takes nothing any more: the warning is what remains.
    }
  }

  /** The first time, and never again with this code. */
  once(code: WarningCode, text: string, title?: string): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    this.say(code, text, title);
  }

  /** Appends a note about how a session began, and warns where that is called for. */
  note(note: Note): void {
    const code = warned.get(note.code);
    if (note.code === 'mode-held-down') warnOnce('SANDTUNE_MODE', note.text);
    else if (code) warn(code, note.text);
    this.#remark(note);
  }
}
