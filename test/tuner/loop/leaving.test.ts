import { expect, it } from 'vitest';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { leaveForDefault } from '../../../tuner/loop/leaving.ts';
import { initialState } from '../../../tuner/loop/state.ts';
import { StepBuilder } from '../../../tuner/loop/step.ts';
import { seenOf } from '../../../tuner/predict/memory.ts';
import type { Run } from '../../../tuner/trial/run.ts';
import { SampleSession } from '../../support/sample-ledger.ts';

it('a setting that is left for what it costs where it stays counts as one that did harm, seen from the default', () => {
  const [entry] = new SampleSession({ tune: { mode: 'auto' } }).entries;
  const state = initialState(entry as SessionEntry);
  const from = state.current;
  const settings = { ...from, threads: 7 };
  const step = new StepBuilder({ ...state, anchor: settings, current: settings }, 1000, 1000);
  leaveForDefault(step, { baseline: settings, candidate: from, pairs: [] } as unknown as Run, 'it costs');
  expect(step.state.anchor).toEqual(from);
  expect(step.stay().records[0]).toMatchObject({ kind: 'back-off', settings, left: true, harmedFrom: from });
  expect(seenOf(step.state, 2000).harmful).toEqual([{ settings, from }]);
});
