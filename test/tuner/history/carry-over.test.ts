import { expect, it, vi } from 'vitest';
import { Store } from '../../../src/store/store.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { extendCarryOver, nothingCarried } from '../../../tuner/history.ts';
import { openLedger } from '../../../tuner/ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { betterFromEight, entryOf, isRecord, tunedWorld } from '../../support/tuned-world.ts';

const noteCodes = (tuner: ReturnType<typeof tunedWorld>['tuner']) => tuner.history.notes.map(({ code }) => code);

it('a start reads what earlier sessions left in one piece, and none of their rows', async () => {
  const stateDir = temporaryFolder();
  const first = tunedWorld({ rate: betterFromEight }, { stateDir });
  await first.tuner.propose({ size: 8 });
  await first.tuner[Symbol.asyncDispose]();
  const reads = vi.spyOn(Store.prototype, 'read');
  const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
  expect(reads).not.toHaveBeenCalled();
  reads.mockRestore();
  expect(tuner.history.entry.recalled.spent).toHaveLength(1);
  await tuner[Symbol.asyncDispose]();
});

it('what earlier sessions left is on disk with what changed it: it is what a fold over all rows gives', async () => {
  const stateDir = temporaryFolder();
  for (const size of [8, 64]) {
    const { tuner } = tunedWorld({ rate: (s) => (s['size'] === 64 ? 3000 : betterFromEight(s)) }, { stateDir });
    await tuner.propose({ size });
    await tuner[Symbol.asyncDispose]();
  }
  using ledger = openLedger({ stateDir, executor: 'world', readOnly: true });
  const folded = [...ledger.read({ windows: false })].reduce(extendCarryOver, nothingCarried);
  expect(ledger.carriedOver()).toEqual(folded);
  expect(folded).toMatchObject({ sessions: 2, spent: [{}, {}], ruledOut: [{ settings: { size: 64 } }], open: null });
});

it('what earlier sessions left is found in their rows where it does not stand by itself', async () => {
  const stateDir = temporaryFolder();
  const first = tunedWorld({ rate: () => 10_000 }, { stateDir });
  await first.tuner.propose({ size: 64 });
  const left = first.tuner.ledger.carriedOver();
  await first.tuner[Symbol.asyncDispose]();
  const ledger = openLedger({ stateDir, executor: 'world' });
  vi.spyOn(Store.prototype, 'cell').mockReturnValueOnce('{"session":7,"spent":"all of it"}');
  expect(ledger.carriedOver()).toEqual(left);
  vi.restoreAllMocks();
  ledger[Symbol.dispose]();
});

it('the trial in which a process was killed is named by the next session that tunes, once, and by no session beside one that tunes', async () => {
  const stateDir = temporaryFolder();
  const holder = tunedWorld({ rate: () => 10_000 }, { stateDir });
  const inTrial = entryOf(holder.tuner, isRecord('pair', 1));
  let left: readonly Entry[] = [];
  let beside: ReturnType<typeof tunedWorld> | null = null;
  const stop = holder.tuner.watch((entry) => {
    if (!isRecord('pair', 1)(entry) || beside) return;
    left = [...holder.tuner.ledger.read()];
    beside = tunedWorld({ rate: () => 10_000 }, { stateDir, mode: 'observe' });
  });
  await Promise.all([holder.tuner.propose({ size: 8 }), inTrial]);
  stop();
  const observer = (beside as ReturnType<typeof tunedWorld> | null) ?? expect.fail('the trial came to no pair');
  expect(noteCodes(observer.tuner)).toEqual(['shared-name']);
  for (const { tuner } of [holder, observer]) await tuner[Symbol.asyncDispose]();

  // What a process leaves that is killed at that moment.
  const killed = temporaryFolder();
  {
    await using ledger = openLedger({ stateDir: killed, executor: 'world' });
    ledger.append(left);
  }
  for (const expected of [['interrupted'], []]) {
    const { tuner } = tunedWorld({ rate: () => 10_000 }, { stateDir: killed });
    expect(noteCodes(tuner)).toEqual(expected);
    await tuner[Symbol.asyncDispose]();
  }
});
