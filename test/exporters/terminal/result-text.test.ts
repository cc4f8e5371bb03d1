import { expect, it } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { columnsOf, replayText, resultText } from '../../../exporters/terminal/result-text.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { replay } from '../../../tuner/replay.ts';
import { memoryLedger } from '../../support/sample-ledger.ts';
import { noChangeStory } from '../../support/sample-stories.ts';

const dropped = (session: number): Entry => ({ kind: 'remark', session, remark: { kind: 'pruned', windows: 3 } });
const ledger = memoryLedger([...noChangeStory({ session: 1 }), ...noChangeStory({ session: 2 }), dropped(1)]);

it('a replay of a session without its oldest windows is not called identical', () => {
  expect(replayText(replay(ledger, 1))).toBe(
    'not possible of 1 session whose oldest windows were dropped to keep the ledger small',
  );
  expect(replayText(replay(memoryLedger([])))).toBe('of nothing: there is no session');
});

it('a replay of one session says nothing of the windows of another', () => {
  expect(replay(ledger, 2).pruned).toBe(0);
  expect(replay(ledger).pruned).toBe(1);
});

it('a result is as wide as the terminal at most and breaks between words, and without a terminal a line stays whole', () => {
  const { data } = report(memoryLedger(noChangeStory()));
  const whole = resultText(data, null, null);
  for (const width of [60, 80, 100]) {
    const text = resultText(data, null, null, width);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(text.replace(/\s+/g, ' ')).toBe(whole.replace(/\s+/g, ' '));
    if (width === 60) expect(text).toMatch(/\nnoise   .*\n {8}\S/);
  }
  expect(columnsOf({ isTTY: true, columns: 100 })).toBe(100);
  expect(columnsOf({ isTTY: false, columns: 100 })).toBeNull();
});
