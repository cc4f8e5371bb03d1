import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databaseCheckpoints } from '../../../src/stream/checkpoint/storage.ts';
import { keepGuestStates } from '../../../src/stream/guest-state/keep-guest-states.ts';
import { openSandbox } from '../../integration/sandbox/guests.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint } from '../checkpoint/support.ts';

/** Adds up what it is given, in a global that it does not export, and puts each sum into its memory. */
const module =
  assemble(`(module (memory 3) (global $sum (mut i64) (i64.const 0)) (global $at (mut i32) (i32.const 65532))
  (func (export "add") (param i64) (result i64)
    (global.set $sum (i64.add (global.get $sum) (local.get 0)))
    (global.set $at (i32.add (global.get $at) (i32.const 8)))
    (i64.store (global.get $at) (global.get $sum))
    (global.get $sum))
  (func (export "at") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "boom") unreachable))`);
const options = { guests: { adder: { module, state: 'memory' } }, threads: 1 } as const;

it('a guest goes on from a checkpoint in another process as if it had never stopped', async () => {
  const path = join(temporaryFolder(), 'c.sqlite');
  const storage = databaseCheckpoints(path);
  const first = await openSandbox(options);
  const keeper = keepGuestStates(first);
  const token = await storage.fence('job');
  for (let epoch = 1; epoch <= 5; epoch++) {
    await first.function('add')(BigInt(epoch));
    await storage.save(checkpoint({ fencingToken: token, epoch, guestStates: await keeper.snapshot() }));
  }
  await first.function('add')(1000n);
  const second = await openSandbox(options);
  const { checkpoint: restored } = await storage.restore('job');
  await keepGuestStates(second).restore(restored?.guestStates ?? []);
  expect(await second.function('add')(6n)).toBe(21n);
  expect(await second.function('at')(65_532 + 5 * 8)).toBe(15n);
  const [newest, , third] = await storage.list('job');
  // The page that was written to, and not the two others.
  expect(newest?.bytes).toBeLessThan(2 * 65_536);
  expect(third?.bytes).toBeLessThan(2 * 65_536);
  await storage.close();
});

it('a state that was lost is an error that no waiting heals', async () => {
  const sandbox = await openSandbox(options);
  const keeper = keepGuestStates(sandbox);
  await expect(sandbox.function('boom')()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_TRAP' });
  await sandbox.function('add')(1n);
  await expect(keeper.snapshot()).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', mayHeal: false });
  await expect(keeper.restore([])).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', trouble: 'unfit' });
});
