import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { aheadOfOthers, type Stream } from '../../../../exporters/terminal/live/ahead-of-others.ts';
import { SharedTerminal, type Surface } from '../../../../exporters/terminal/live/shared-terminal.ts';
import { TerminalView } from '../../../../exporters/terminal/live/terminal-view.ts';
import type { Entry } from '../../../../tuner/entries/entries.ts';
import { SampleSession } from '../../../support/sample-ledger.ts';
import { Screen } from './screen.ts';
import { richEntries } from './story-text.ts';

const insideTrial = richEntries.slice(
  0,
  richEntries.findIndex((one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2),
);
/** The same of an executor of another name, in another session. */
const ofAnother = insideTrial.map(
  (entry): Entry => ({ ...entry, session: 9, ...(entry.kind === 'session' && { executor: 'another pool' }) }) as Entry,
);

function terminalOn(screen: Screen, surface: Partial<Surface> = {}): SharedTerminal {
  return new SharedTerminal({
    write: (text) => screen.write(text),
    width: () => screen.width,
    timers: { sleep: () => new Promise(() => {}) },
    ...surface,
  });
}

function viewOn(screen: Screen, terminal = terminalOn(screen), interactive = true): TerminalView {
  return new TerminalView(terminal, { width: () => screen.width, paint: (text) => text, interactive });
}

/** A screen, the stream of a program that leads to it, Node's warnings, and how to let a moment pass. */
function programOn(screen: Screen) {
  const stream: Stream = {
    isTTY: true,
    write: (text: string | Uint8Array) => {
      screen.write(String(text));
      return true;
    },
  };
  const warnings = new EventEmitter();
  warnings.on('warning', (text: string) => screen.write(`${text}\n`));
  let waiting: (() => void)[] = [];
  const terminal = terminalOn(screen, {
    write: (text) => void stream.write(text),
    others: (before) => aheadOfOthers([stream], before, warnings),
    timers: { sleep: () => new Promise((resolve) => waiting.push(resolve)) },
  });
  const moment = async () => {
    for (const resolve of waiting) resolve();
    waiting = [];
    await new Promise(setImmediate);
  };
  return { stream, warnings, terminal, moment };
}

it('a terminal that becomes narrower while the live view runs keeps no rest of an older status block', () => {
  const screen = new Screen(120);
  const view = viewOn(screen);
  for (const [i, entry] of insideTrial.entries()) {
    if (i === insideTrial.length - 3) screen.resize(47);
    view.entry(entry);
  }
  expect(screen.text().match(/if stopped/g)).toHaveLength(1);
  expect(screen.text().match(/windows +[▁▂▃▄▅▆▇█]+\n +[AB]+\n +better/g)).toHaveLength(1);
  screen.resize(25);
  view.entry(insideTrial.at(-1)!);
  view.close();
  expect(screen.text()).not.toContain('if stopped');
});

it('the live view makes room for what others write to its terminal, and stands below it again with the next entry', () => {
  const screen = new Screen(100);
  const { stream, warnings, terminal } = programOn(screen);
  const { write } = stream;
  const view = viewOn(screen, terminal);
  const [last, ...earlier] = insideTrial.toReversed();
  for (const entry of earlier.toReversed()) view.entry(entry);
  stream.write('progress of the program');
  expect(screen.text()).not.toContain('if stopped');
  view.note('a note');
  expect(screen.text()).toMatch(/progress of the program\n +a note\n\n── trial 2/);
  warnings.emit('warning', '(node:1) a warning');
  view.entry(last!);
  expect(screen.text()).toMatch(/a note\n\(node:1\) a warning\n\n── trial 2/);
  expect(screen.text().match(/if stopped/g)).toHaveLength(1);
  view.close();
  expect(stream.write).toBe(write);
  expect(warnings.listenerCount('warning')).toBe(1);
});

it('the live view stands again a moment after others have written to its terminal, without an entry', async () => {
  const screen = new Screen(100);
  const { stream, terminal, moment } = programOn(screen);
  const view = viewOn(screen, terminal);
  for (const entry of insideTrial) view.entry(entry);
  for (const burst of [1, 2]) {
    for (const line of ['one', 'two', 'three']) stream.write(`${line} of burst ${burst}\n`);
    expect(screen.text()).not.toContain('if stopped');
    await moment();
    expect(screen.text()).toMatch(new RegExp(`three of burst ${burst}\n\n── trial 2: [^]*if stopped`));
    expect(screen.text().match(/if stopped/g)).toHaveLength(1);
  }
  stream.write('the last words\n');
  view.close();
  await moment();
  expect(screen.text()).toMatch(/the last words$/);
});

it('the blocks of two live views stand below each other on one terminal, and each names its executor', () => {
  const screen = new Screen(100);
  const { terminal } = programOn(screen);
  const [one, other] = [viewOn(screen, terminal), viewOn(screen, terminal)];
  for (const [i, entry] of insideTrial.entries()) {
    one.entry(entry);
    other.entry(ofAnother[i]!);
  }
  expect(screen.text()).toMatch(
    /── demo sandbox · trial 2: [^]*if stopped[^]*── another pool · trial 2: [^]*if stopped/,
  );
  expect(screen.text().match(/if stopped/g)).toHaveLength(2);
  other.close();
  expect(screen.text()).toMatch(/── trial 2: /);
  expect(screen.text()).not.toContain('another pool · ');
  one.close();
  expect(screen.text()).not.toMatch(/if stopped|\n\n\n/);
});

it.each([true, false])(
  'where two live views tell in turns, a line says of which executor the next ones are (on a terminal: %s)',
  (interactive) => {
    const screen = new Screen(100);
    const { terminal } = programOn(screen);
    const [one, other] = [viewOn(screen, terminal, interactive), viewOn(screen, terminal, interactive)];
    one.entry(insideTrial[0]!);
    other.entry(ofAnother[0]!);
    for (const [view, text] of [
      [one, 'note 1'],
      [one, 'note 2'],
      [other, 'note 3'],
      [one, 'note 4'],
    ] as const)
      view.note(text);
    one.close();
    other.close();
    const told = [...screen.text().matchAll(/sandtune {2}(.*?)(?: on .*)?$|(note \d)$/gm)];
    expect(told.map(([, name, note]) => name ?? note)).toEqual([
      'demo sandbox',
      'another pool',
      'demo sandbox',
      'note 1',
      'note 2',
      'another pool',
      'note 3',
      'demo sandbox',
      'note 4',
    ]);
  },
);

it('live views that have nothing to tell of yet share the room of a low terminal with those that have', () => {
  const screen = new Screen(100);
  const terminal = terminalOn(screen, { height: () => 12 });
  const views = [viewOn(screen, terminal), viewOn(screen, terminal), viewOn(screen, terminal)];
  for (const [i, entry] of insideTrial.entries()) {
    views[0]!.entry(entry);
    views[1]!.entry(ofAnother[i]!);
  }
  const foot = screen.text().slice(screen.text().lastIndexOf('\n── demo sandbox'));
  expect(foot).toContain('── another pool · trial 2');
  expect(foot.split('\n').length).toBeLessThanOrEqual(11);
});

it('the live view taps no stream that is no terminal, and none before it draws in place', () => {
  const write = () => true;
  const stream: Stream = { isTTY: false, write };
  const stop = aheadOfOthers([stream], () => {}, new EventEmitter());
  expect(stream.write).toBe(write);
  stop();
  let asked = 0;
  const others = () => {
    asked++;
    return () => {};
  };
  const screen = new Screen(100);
  const view = viewOn(screen, terminalOn(screen, { others }), false);
  for (const entry of insideTrial) view.entry(entry);
  expect(asked).toBe(0);
});

it('the live view draws no more of its status block than the terminal has rows', () => {
  const screen = new Screen(100);
  const view = viewOn(screen, terminalOn(screen, { height: () => 5 }));
  for (const entry of insideTrial) view.entry(entry);
  const block = screen.text().slice(screen.text().lastIndexOf('── trial 2'));
  expect(block.split('\n').length).toBeLessThanOrEqual(4);
  expect(screen.text().match(/── trial 2: /g)).toHaveLength(1);
});

it('the live view says at 40 columns what happens, all of the evidence and of its line, without bars', () => {
  const screen = new Screen(40);
  const view = viewOn(screen);
  for (const entry of insideTrial) view.entry(entry);
  const block = screen.text().slice(screen.text().lastIndexOf('── trial 2'));
  expect(block).toMatch(/^── trial 2: batchSize 1 → 64, 9 pairs ─/);
  expect(block).toMatch(/worse\? {2}none yet, proof at 400 : 1\n/);
  expect(block).not.toContain('┃');
});

it('a limit that is broken now stands at the foot while it is, and is told once in the story', () => {
  const screen = new Screen(100);
  const view = viewOn(screen);
  const told = () =>
    screen.text().match(/broken {2}✗ p99 < 0.01ms is broken now: p99 [\d.]+ m?s over the newest [\d,]+ calls/g);
  const session = new SampleSession({ tune: { subjectTo: ['p99 < 0.01ms', 'errors < 50%'] } }).baseline(4);
  for (const entry of session.entries) view.entry(entry);
  expect(told()).toHaveLength(2);
  expect(screen.text()).toMatch(/── choosing what to try.*\n +broken {2}✗/);
  view.close();
  expect(told()).toHaveLength(1);
  const kept = new Screen(100);
  const other = viewOn(kept);
  for (const entry of new SampleSession({ tune: { subjectTo: ['p99 < 10s'] } }).baseline(4).entries) other.entry(entry);
  expect(kept.text()).not.toContain('broken');
});
