import { expect, it } from 'vitest';
import { replayText } from '../../../exporters/terminal/result-text.ts';
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
