import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { pruneStep } from '../../src/store/prune.ts';
import type { TunerLedger } from '../../tuner/ledger.ts';
import { replay } from '../../tuner/replay.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { betterFromEight, tunedWorld } from '../support/tuned-world.ts';

const allWindows = { oldestMs: Number.POSITIVE_INFINITY, maxBytes: Number.MAX_SAFE_INTEGER, recentMs: 0 };

/** The ledger, of which another connection drops the windows once a replay knows which sessions there are. */
function prunedMeanwhile(
  ledger: TunerLedger,
  pruner: DatabaseSync,
): Pick<TunerLedger, 'append' | 'durable' | 'read' | 'anchor'> {
  return {
    append: (entries) => ledger.append(entries),
    durable: () => ledger.durable(),
    anchor: () => ledger.anchor(),
    *read(part) {
      if (part?.windows !== false) while (pruneStep(pruner, allWindows).then !== 'done');
      yield* ledger.read(part);
    },
  };
}

it('a replay sees a live ledger as it was when the replay began, whatever is pruned meanwhile', async () => {
  const stateDir = temporaryFolder();
  const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
  await tuner.propose({ size: 8 });
  await tuner.stop();
  const { ledger } = tuner;
  await ledger.durable();
  using pruner = new DatabaseSync(ledger.path, { timeout: 1000 });
  const meanwhile = prunedMeanwhile(ledger, pruner);
  const atOnce = { ...meanwhile, asOfNow: <T>(work: () => T) => ledger.asOfNow(work) };
  expect(replay(atOnce)).toMatchObject({ sessions: 1, pruned: 0, identical: true });
  expect(replay(ledger)).toMatchObject({ sessions: 0, pruned: 1, identical: true });
  await tuner[Symbol.asyncDispose]();
});

it('without that, what is pruned meanwhile would look like a difference', async () => {
  const stateDir = temporaryFolder();
  const { tuner } = tunedWorld({ rate: betterFromEight }, { stateDir });
  await tuner.propose({ size: 8 });
  await tuner.stop();
  await tuner.ledger.durable();
  using pruner = new DatabaseSync(tuner.ledger.path, { timeout: 1000 });
  expect(replay(prunedMeanwhile(tuner.ledger, pruner)).identical).toBe(false);
  await tuner[Symbol.asyncDispose]();
});
