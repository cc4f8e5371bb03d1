import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { aheadOfOthers, type Stream } from '../../../../exporters/terminal/live/ahead-of-others.ts';
import { type Surface, TerminalView } from '../../../../exporters/terminal/live/terminal-view.ts';
import { SampleSession } from '../../../support/sample-ledger.ts';
import { Screen } from './screen.ts';
import { richEntries } from './story-text.ts';

const insideTrial = richEntries.slice(
  0,
  richEntries.findIndex((one) => one.kind === 'record' && one.record.kind === 'verdict' && one.record.trial === 2),
);

function viewOn(screen: Screen, surface: Partial<Surface> = {}): TerminalView {
  return new TerminalView({
    write: (text) => screen.write(text),
    width: () => screen.width,
    paint: (text) => text,
    interactive: true,
    ...surface,
  });
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
  const stream: Stream = {
    isTTY: true,
    write: (text: string | Uint8Array) => {
      screen.write(String(text));
      return true;
    },
  };
  const { write } = stream;
  const warnings = new EventEmitter();
  warnings.on('warning', (text: string) => screen.write(`${text}\n`));
  const view = viewOn(screen, {
    write: (text) => void stream.write(text),
    others: (before) => aheadOfOthers([stream], before, warnings),
  });
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

it('two live views on one terminal leave no rest of each other', () => {
  const screen = new Screen(100);
  const stream: Stream = {
    isTTY: true,
    write: (text: string | Uint8Array) => {
      screen.write(String(text));
      return true;
    },
  };
  const views = [1, 2].map(() =>
    viewOn(screen, {
      write: (text) => void stream.write(text),
      others: (before) => aheadOfOthers([stream], before, new EventEmitter()),
    }),
  );
  for (const entry of insideTrial) for (const view of views) view.entry(entry);
  expect(screen.text().match(/if stopped/g)).toHaveLength(1);
  for (const view of views) view.close();
  expect(screen.text()).not.toMatch(/if stopped|\n\n\n/);
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
  for (const entry of insideTrial) viewOn(new Screen(100), { interactive: false, others }).entry(entry);
  expect(asked).toBe(0);
});

it('the live view draws no more of its status block than the terminal has rows', () => {
  const screen = new Screen(100);
  const view = viewOn(screen, { height: () => 5 });
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
