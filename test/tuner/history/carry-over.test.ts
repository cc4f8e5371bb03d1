import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, vi } from 'vitest';
import { Store } from '../../../src/store/store.ts';
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
  const killed = tunedWorld({ rate: () => 10_000, sigma: 0.3 }, { stateDir });
  void killed.tuner.propose({ size: 8 });
  await entryOf(killed.tuner, isRecord('pair', 1));
  await killed.tuner.ledger.durable();
  const beside = tunedWorld({ rate: () => 10_000 }, { stateDir, mode: 'observe' });
  expect(noteCodes(beside.tuner)).not.toContain('interrupted');
  await beside.tuner[Symbol.asyncDispose]();
  // The kill: what is on disk is all that is left of it.
  const copy = temporaryFolder();
  using database = new DatabaseSync(join(stateDir, 'ledger.sqlite'));
  database.exec(`VACUUM INTO '${join(copy, 'ledger.sqlite')}'`);
  await killed.tuner[Symbol.asyncDispose]();
  {
    using copied = new DatabaseSync(join(copy, 'ledger.sqlite'));
    copied.exec('PRAGMA journal_mode = WAL; UPDATE leases SET owner = NULL');
  }
  const next = tunedWorld({ rate: () => 10_000 }, { stateDir: copy });
  expect(noteCodes(next.tuner)).toContain('interrupted');
  await next.tuner[Symbol.asyncDispose]();
  const afterIt = tunedWorld({ rate: () => 10_000 }, { stateDir: copy });
  expect(noteCodes(afterIt.tuner)).not.toContain('interrupted');
  await afterIt.tuner[Symbol.asyncDispose]();
});
