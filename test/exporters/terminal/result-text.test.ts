import { expect, it } from 'vitest';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import { report } from '../../../exporters/index.ts';
import { columnsOf, replayText, resultText } from '../../../exporters/terminal/result-text.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { replay } from '../../../tuner/replay.ts';
import { memoryLedger, SampleSession } from '../../support/sample-ledger.ts';
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
  const played = { ...replay(ledger, 2), difference: null };
  const whole = resultText(data, null, played);
  for (const width of [60, 80, 100]) {
    const text = resultText(data, null, played, width);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(text.replace(/\s+/g, ' ')).toBe(whole.replace(/\s+/g, ' '));
    if (width === 60) expect(text).toMatch(/\nnoise   .*\n {8}\S/);
  }
  expect(columnsOf({ isTTY: true, columns: 100 })).toBe(100);
  expect(columnsOf({ isTTY: false, columns: 100 })).toBeNull();
});

it('the calls are accounted for in the same words on the page, in the summary and in the terminal', () => {
  const outcomes = { ...emptyWindow({}).outcomes, ok: 4_729, lost: 2 };
  const session = new SampleSession().baseline();
  const account = { kind: 'accounting', offered: 4_733, outcomes, inFlight: 2 } as const;
  const { data, html, markdown } = report(memoryLedger(session.remark(account).stop().entries));
  const words = '4,733 calls offered = 4,729 ok + 2 lost + 2 in flight';
  for (const text of [html, markdown, resultText(data, null, null)]) expect(text).toContain(words);
  const without = report(memoryLedger(new SampleSession().baseline().entries));
  expect(without.html).toContain('No account of all calls is recorded: sandtune tune and sandtune observe record one');
  expect(without.html).not.toContain('Every call offered is either settled');
});
