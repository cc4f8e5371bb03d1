import { expect, it } from 'vitest';
import { report } from '../../exporters/report/report.ts';
import { createLiveView } from '../../exporters/terminal/live/live-view.ts';
import { resultText } from '../../exporters/terminal/result-text.ts';
import { jsonText, printableLines } from '../../exporters/words/printable.ts';
import type { Entry } from '../../tuner/entries/entries.ts';
import { replay } from '../../tuner/replay.ts';
import { warn } from '../../tuner/shell/warn.ts';
import { memoryLedger } from '../support/sample-ledger.ts';
import { everyKindStory } from '../support/sample-stories.ts';

/** Clears the screen, sets a title, begins a C1 sequence, turns the text round, hides in it, opens a tag, forges a line. */
const hostile =
  '\u001b[2J\u001b]0;pwned\u0007\u009b31m\u202e\u200b\u200d\u2060\ufeff\u00ad\u{e0041}<script>alert(1)</script>\r\nreplay  identical @everyone';
/** What no output may hold: controls but line ends and tabs, marks that reorder text, characters without a shape. */
const unfit = /[^\P{Cc}\n\t]|[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u;

/** What a live view writes to redraw its foot. */
const ownMoves = new RegExp(`${String.fromCharCode(27)}\\[(?:\\?2026[hl]|\\d+A|J)|\r`, 'g');

/** Texts that somebody writes: names, ids, reasons, edits. Words of a closed set stay. */
const free = new Set([
  'executor',
  'reason',
  'title',
  'text',
  'detail',
  'learns',
  'evidence',
  'message',
  'how',
  'source',
]);
const edits = new Set(['file', 'before', 'after', 'cpuModel', 'model', 'stateDir', 'unit']);

function hostileIn(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (value === 'batchSize') return `batchSize${hostile}`;
    return free.has(key) || edits.has(key) ? `${value}${hostile}` : value;
  }
  if (Array.isArray(value)) return value.map((one) => hostileIn(one));
  if (typeof value !== 'object' || value === null) return value;
  const renamed = (name: string) => (name === 'batchSize' ? `batchSize${hostile}` : name);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [renamed(name), hostileIn(one, name)]));
}

/** A line of a diff ends as that of the file does, and moves nothing that its end would not. */
const withPlainEnds = (text: string) => text.replaceAll('\r\n', '\n');

const story = everyKindStory().map((entry) => hostileIn(entry) as Entry);
const ledger = memoryLedger(story);

it('no text out of a ledger moves the cursor of a terminal, changes its colours or forges a line of a result', () => {
  const made = report(ledger);
  const result = resultText(made.data, null, replay(ledger));
  expect(withPlainEnds(result)).not.toMatch(unfit);
  expect(result.split('\n').filter((line) => line.startsWith('replay'))).toHaveLength(1);
  for (const interactive of [true, false]) {
    let live = '';
    const view = createLiveView({ write: (text) => (live += text), width: 60, color: false, interactive });
    for (const entry of story) view.entry(entry);
    view.note(hostile);
    const words = live.replaceAll(ownMoves, '');
    expect(words).toContain('<script>alert(1)</script>');
    expect(words).not.toMatch(unfit);
  }
});

it('no text out of a ledger becomes markup of a page or a summary', () => {
  const { html, markdown } = report(ledger);
  for (const text of [html, markdown]) expect(text.replaceAll(/```[\s\S]*?```/g, '')).not.toContain('<script');
  // HTML takes a carriage return for a space.
  for (const text of [html.replaceAll('\r', ' '), withPlainEnds(markdown)]) expect(text).not.toMatch(unfit);
});

it('no warning of the process carries what a terminal acts on', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  warn('SANDTUNE_KNOB', `${hostile}\nsecond line`);
  const { message } = await warned;
  expect(message).not.toMatch(unfit);
  expect(message.split('\n')).toHaveLength(3);
});

it('a mention in a text of the ledger notifies nobody where the summary is posted', () => {
  expect(report(ledger).markdown.replaceAll(/```[\s\S]*?```/g, '')).not.toMatch(/@everyone/);
});

it('JSON holds every text as it is, written so that a terminal acts on none of it', () => {
  const { json, data } = report(ledger);
  expect(json).not.toMatch(unfit);
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(data)));
  expect(JSON.parse(jsonText({ hostile }))).toEqual({ hostile });
});

it('an error of several lines keeps its lines and nothing else that a terminal acts on', () => {
  expect(printableLines(`one\u001b[2J\ntwo\u009b31m`)).toBe('one [2J\ntwo 31m');
});
