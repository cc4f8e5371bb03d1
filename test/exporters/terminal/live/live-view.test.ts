import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLiveView, type LiveViewOptions } from '../../../../exporters/terminal/live/live-view.ts';
import { displayWidth } from '../../../../exporters/terminal/live/text.ts';
import type { Entry } from '../../../../tuner/entries/entries.ts';
import { SampleSession } from '../../../support/sample-ledger.ts';
import { Screen } from './screen.ts';
import { richEntries, storyText } from './story-text.ts';

const escape = '\u001b';

function viewOn(screen: Screen, options: LiveViewOptions = {}) {
  return createLiveView({
    write: (text) => screen.write(text),
    width: screen.width,
    color: true,
    interactive: true,
    ...options,
  });
}

/** Trial 2 up to its third pair, whose evidence is given. */
function withLastPair(evidence: { readonly log10Better: number }): readonly Entry[] {
  let pairs = 0;
  const end = richEntries.findIndex(
    (one) => one.kind === 'record' && one.record.kind === 'pair' && one.record.trial === 2 && ++pairs === 3,
  );
  const last = richEntries[end];
  if (last?.kind !== 'record' || last.record.kind !== 'pair') throw new Error('expected three pairs');
  const { record } = last;
  return [...richEntries.slice(0, end), { ...last, record: { ...record, pair: { ...record.pair, ...evidence } } }];
}

/** Entries with every name and sentence replaced. */
function renamed(entries: readonly Entry[], name: string): readonly Entry[] {
  const text = JSON.stringify(entries).replaceAll('batchSize', '@@').replaceAll('demo sandbox', '@@');
  return JSON.parse(text.replaceAll('@@', () => JSON.stringify(name).slice(1, -1))) as Entry[];
}

describe('the live view', () => {
  it('the live view writes no escape sequence without colour and without a terminal', () => {
    expect(storyText(richEntries)).not.toContain(escape);
  });

  it('the live view writes the same words with colour', () => {
    let text = '';
    const view = createLiveView({ write: (part) => (text += part), width: 110, color: true, interactive: false });
    for (const entry of richEntries) view.entry(entry);
    expect(text).toContain(`${escape}[`);
    // oxlint-disable-next-line no-control-regex -- it is what colours are made of
    expect(text.replace(/\u001b\[[\d;]*m/g, '')).toBe(storyText(richEntries));
  });

  it('the live view redraws its status block in place and leaves only the story when it is closed', () => {
    const screen = new Screen(110);
    const view = viewOn(screen);
    for (const entry of richEntries) view.entry(entry);
    view.close();
    expect(screen.text().trimEnd()).toBe(storyText(richEntries).trimEnd());
  });

  it('the live view shows the trial under way: strip, evidence and its line, effect so far, live rate', () => {
    const screen = new Screen(110);
    const view = viewOn(screen);
    const entries = richEntries;
    const end = entries.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2,
    );
    for (const entry of entries.slice(0, end)) view.entry(entry);
    const block = screen.text().split('\n').slice(-10).join('\n');
    expect(block).toMatch(/── trial 2: batchSize 1 → 64, 9 pairs ─+ [\d.]+ k\/s now · \d+:\d\d ──/);
    expect(block).toMatch(/windows {2}[▁▂▃▄▅▆▇█]{20}\n\s+[AB]{20}\n/);
    expect(block).toMatch(/better\? {2}█+.*┃ [\d,]+.* : 1/);
    expect(block).toMatch(/worse\? {2}·+┃ none yet, proof at 400 : 1/);
    expect(block).toMatch(/so far {2}.*…/);
    expect(block).toMatch(/pairs {2}█.*┃ 9 of at most 60 pairs, about [\d.]+ (s|min)/);
    expect(block).toMatch(/if stopped {2}9 pairs lost, batchSize 1 stays/);
  });

  it('the live view says beside its bars at 80 columns all of what it says there at 120, also of a long trial', () => {
    const entries = JSON.parse(JSON.stringify(richEntries).replaceAll('"maxPairs":60', '"maxPairs":1100')) as Entry[];
    const end = entries.findIndex(
      (one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2,
    );
    const words = [80, 120].map((width) => {
      const screen = new Screen(width);
      const view = viewOn(screen);
      for (const entry of entries.slice(0, end)) view.entry(entry);
      return [...screen.text().matchAll(/┃ (.*)$/gm)].map(([, text]) => text?.trim());
    });
    expect(words[0]).toContainEqual(expect.stringMatching(/^9 of at most 1,?100 pairs, about [\d.]+ (s|min|h)$/));
    expect(words[0]).toEqual(words[1]);
  });

  it('the evidence in the live view climbs from pair to pair', () => {
    const screen = new Screen(110);
    const view = viewOn(screen);
    const lengths: number[] = [];
    for (const entry of richEntries) {
      view.entry(entry);
      const isPair = entry.kind === 'record' && entry.record.kind === 'pair' && entry.record.trial === 2;
      if (isPair) lengths.push((/better\? {2}(█*)/.exec(screen.text())?.[1] ?? '').length);
    }
    expect(lengths.length).toBe(9);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(lengths.at(-1)).toBeGreaterThan((lengths[0] ?? 0) + 10);
  });

  it('the bar of evidence in the live view begins to fill where the odds beside it begin to be told', () => {
    const seen = new Map<boolean, number>();
    for (const log10Better of [-1, 0, 0.29, 0.35, 0.5, 1, 1.99, 2.1]) {
      const screen = new Screen(110);
      const view = viewOn(screen);
      for (const entry of withLastPair({ log10Better })) view.entry(entry);
      const [, filled = '', words = ''] = /better\? {2}([^·┃]*)·*┃ (.*)/.exec(screen.text()) ?? [];
      expect(filled === '', `${log10Better}: '${filled}' beside '${words}'`).toBe(words.startsWith('none yet'));
      seen.set(filled === '', (seen.get(filled === '') ?? 0) + 1);
    }
    expect([...seen.values()]).toEqual([3, 5]);
  });

  it('the live view says how many pairs bounds need while there are fewer, and gives them from then on', () => {
    const said: string[] = [];
    const screen = new Screen(110);
    const view = viewOn(screen);
    for (const entry of richEntries) {
      view.entry(entry);
      const isPair = entry.kind === 'record' && entry.record.kind === 'pair' && entry.record.trial === 2;
      if (isPair) said.push(/so far {2}(.*)/.exec(screen.text())?.[1] ?? '');
    }
    expect(said.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'no bounds before 7 pairs'));
    expect(said.slice(6)).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^\+\d+…\+\d+ %$/)));
  });

  it('the live view counts the windows of the baseline', () => {
    const screen = new Screen(80);
    const view = viewOn(screen);
    for (const entry of new SampleSession().baseline(7).entries.slice(0, -1)) view.entry(entry);
    expect(screen.text()).toContain('measuring at rest, window 7 of 10');
  });

  it('the live view keeps to the width it is given, story and status alike, whatever the names', {
    timeout: 120_000,
  }, () => {
    const names = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      fc.constantFrom('批量大小', '👩‍👩‍👧‍👦 pool', 'e\u0301'.repeat(20)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 200 }), names, (width, name) => {
        const screen = new Screen(width);
        const view = viewOn(screen, { color: false });
        for (const entry of renamed(richEntries, name)) view.entry(entry);
        expect(Math.max(...screen.text().split('\n').map(displayWidth))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 10 },
    );
  });

  it('the live view lets no name or message move the cursor or change colours', () => {
    const text = storyText(renamed(richEntries, `\u001b[2J\u0007\u009b31mowned\r\n`));
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text).toContain('owned');
  });

  it('the live view asks for the width anew each time', () => {
    const lines: string[] = [];
    let width = 100;
    const view = createLiveView({
      write: (text) => lines.push(text),
      width: () => width,
      color: false,
      interactive: false,
    });
    const long = 'word '.repeat(30);
    view.note(long);
    width = 60;
    view.note(long);
    expect(lines[1]?.split('\n').length).toBeGreaterThan(lines[0]?.split('\n').length ?? 0);
  });

  it('the live view never throws into the tuner: not when writing fails, not on an entry it does not understand', () => {
    const broken = createLiveView({
      write: () => {
        throw new Error('EPIPE');
      },
      width: 80,
    });
    expect(() => {
      for (const entry of richEntries) broken.entry(entry);
      broken.note('x');
      broken.heading('x');
      broken.close();
    }).not.toThrow();
    const screen = new Screen(80);
    const view = viewOn(screen);
    expect(() =>
      view.entry({ kind: 'event', session: 1, event: { kind: 'measured', window: null } } as unknown as Entry),
    ).not.toThrow();
    view.note('still here');
    expect(screen.text()).toContain('still here');
  });

  it('the live view keeps notes and headings above the status block', () => {
    const screen = new Screen(80);
    const view = viewOn(screen);
    for (const entry of new SampleSession().baseline(7).entries.slice(0, -1)) view.entry(entry);
    view.heading('What runs now');
    view.note('a note');
    const text = screen.text();
    expect(text.indexOf('━━ What runs now')).toBeGreaterThan(0);
    expect(text.indexOf('a note')).toBeLessThan(text.indexOf('measuring at rest'));
    expect(text.match(/measuring at rest/g)).toHaveLength(1);
  });

  it('the live view may be closed twice', () => {
    const screen = new Screen(80);
    const view = viewOn(screen);
    for (const entry of richEntries) view.entry(entry);
    view.close();
    const before = screen.text();
    view.close();
    expect(screen.text()).toBe(before);
  });
});
