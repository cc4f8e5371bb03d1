import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openLedger } from '../../tuner/ledger.ts';
import { replay } from '../../tuner/replay.ts';
import { largeLedger } from '../support/large-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tunedWorld } from '../support/tuned-world.ts';

/** When manual time begins. */
const nowMs = 1_700_000_000_000;

it('a tuner starts on a ledger of 100 sessions, 1,000 trials and 64 MiB, and makes it smaller', async () => {
  const { stateDir, path, sessions, executor } = await largeLedger(temporaryFolder(), { endMs: nowMs });
  const sizeBefore = statSync(path).size;
  expect(sizeBefore).toBeGreaterThan(60 * 2 ** 20);
  const { tuner } = tunedWorld({ rate: () => 10_000, name: executor }, { stateDir });
  expect(tuner.mode).toBe('auto');
  expect(tuner.ledger.setAside).toBe(null);
  expect(tuner.history.entry.recalled.spent.length).toBeGreaterThan(500);
  await tuner.stop();
  expect(await tuner.ledger.prune(nowMs)).toBeGreaterThan(40_000);
  await tuner[Symbol.asyncDispose]();
  expect(statSync(path).size).toBeLessThan(sizeBefore / 2);
  using ledger = openLedger({ stateDir, executor, readOnly: true });
  expect(replay(ledger, sessions.at(-1))).toMatchObject({ sessions: 1, pruned: 0, identical: true });
  expect(replay(ledger, sessions[0])).toMatchObject({ sessions: 0, pruned: 1 });
  expect(ledger.faults(sessions[0])).toEqual([]);
}, 120_000);
