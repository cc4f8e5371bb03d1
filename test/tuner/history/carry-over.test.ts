import { expect, it, vi } from 'vitest';
import { Store } from '../../../src/store/store.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { type CarryOver, carryOverOf, extendCarryOver, nothingCarried } from '../../../tuner/history.ts';
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
  // Another trial may have begun since: only a session that has ended leaves nothing open.
  await first.tuner[Symbol.asyncDispose]();
  using reader = openLedger({ stateDir, executor: 'world', readOnly: true });
  const left = reader.carriedOver();
  const ledger = openLedger({ stateDir, executor: 'world' });
  expect(left.ruledOut.length + left.spent.length).toBeGreaterThan(0);
  vi.spyOn(Store.prototype, 'cell').mockReturnValueOnce('{"session":7,"spent":"all of it"}');
  expect(ledger.carriedOver()).toEqual(left);
  vi.restoreAllMocks();
  ledger[Symbol.dispose]();
});

it('the trial in which a process was killed is named by the next session that tunes, once, and by no session beside one that tunes', async () => {
  const stateDir = temporaryFolder();
  const holder = tunedWorld({ rate: () => 10_000 }, { stateDir });
  const inTrial = entryOf(holder.tuner, isRecord('pair'));
  let left: readonly Entry[] = [];
  let beside: ReturnType<typeof tunedWorld> | null = null;
  const stop = holder.tuner.watch((entry) => {
    if (!isRecord('pair')(entry) || beside) return;
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

it('what is kept of earlier sessions is read back whole, and not at all where a value of it is of another kind', () => {
  const whole: CarryOver = {
    session: 7,
    sessions: 2,
    starts: [1, 2],
    spent: [{ atMs: 1, alpha: 0.01, session: 1 }],
    scores: [{ model: 'usl', pGain: 0.9, gained: true, covered: false, atMs: 1, session: 1 }],
    ruledOut: [{ settings: { size: 64 }, failures: 1, atMs: 1, untilMs: 2, session: 1 }],
    known: [
      {
        settings: { size: 8 },
        under: {
          load: 'open',
          cpus: 2,
          size: { value: 100, error: 0.01 },
          mix: { run: 1 },
          hour: 13.5,
          inForce: { size: 1 },
          level: { value: 100, error: 0.01 },
          latency: null,
        },
        gain: { estimate: 0.2, low: 0.1, high: 0.3, level: 0.8 },
        pGain: 0.99,
        reached: null,
        atMs: 1,
        left: true,
      },
    ],
    search: {
      visits: [{ settings: { size: 8 }, from: { size: 1 }, gain: 0.1, sd: 0.02, windows: 3 }],
      under: null,
      owedMs: 500,
      atMs: 1,
      session: 1,
      goal: '{}',
      probe: { size: 64 },
    },
    open: { trial: 3, purpose: 'candidate', candidate: { size: 8 }, spends: null },
  };
  expect(carryOverOf(JSON.stringify(whole))).toEqual(whole);
  // A ledger of before a search left anything is read as well.
  const { search: _, ...older } = whole;
  expect(carryOverOf(JSON.stringify(older))).toEqual(older);
  const damaged: readonly object[] = [
    { sessions: 'two' },
    { starts: [null] },
    { spent: [{ atMs: 1, alpha: '0.01', session: 1 }] },
    { scores: [{ pGain: 0.9 }] },
    { ruledOut: [{ ...whole.ruledOut[0], settings: { size: { deep: true } } }] },
    { known: [{ ...whole.known[0], under: { load: 'open' } }] },
    { search: { ...whole.search, owedMs: 'none' } },
    { search: { ...whole.search, visits: [{ settings: { size: 8 }, gain: 0.1 }] } },
    { open: { ...whole.open, spends: 5 } },
    { open: { ...whole.open, candidate: 'size 8' } },
  ];
  for (const wrong of damaged) expect(carryOverOf(JSON.stringify({ ...whole, ...wrong }))).toBeNull();
});
