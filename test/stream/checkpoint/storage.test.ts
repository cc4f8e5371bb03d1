import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { databaseCheckpoints, fileCheckpoints } from '../../../src/stream/checkpoint/storage.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint, filledWith, state } from './support.ts';

it.each([
  ['files', (folder: string) => fileCheckpoints(folder)],
  ['a database', (folder: string) => databaseCheckpoints(join(folder, 'c.sqlite'))],
])('what one run saves to %s the next one restores, and the older one is fenced off', async (_, open) => {
  const folder = temporaryFolder();
  const [first, second] = [open(folder), open(folder)];
  const token = await first.fence('job');
  const guestStates = [state([1, 0, 2], { snapshot: Uint8Array.of(1, 2) })];
  await first.save(checkpoint({ fencingToken: token, guestStates }));
  const later = await second.fence('job');
  const { checkpoint: restored, quarantined } = await second.restore('job');
  expect(quarantined).toEqual([]);
  expect(filledWith(restored?.guestStates ?? [])).toEqual([[1, 0, 2]]);
  expect(restored).toMatchObject({ ...checkpoint({ fencingToken: token }), guestStates: [{ instance: '0' }] });
  expect(restored?.guestStates[0]?.snapshot).toEqual(Uint8Array.of(1, 2));
  await expect(first.save(checkpoint({ fencingToken: token, epoch: 2 }))).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_FENCED',
    trouble: 'fenced',
    mayHeal: false,
  });
  await second.save(checkpoint({ fencingToken: later, epoch: 2 }));
  const [newest] = await second.list('job');
  expect(newest).toMatchObject({ job: 'job', epoch: 2 });
  expect(await second.verify(newest?.id ?? '')).toMatchObject({ isWhole: true });
  await Promise.all([first.close(), second.close()]);
  await expect(second.list()).rejects.toMatchObject({ trouble: 'closed' });
});

it('a disk that refuses leaves what was saved before, and saving may be tried again', async () => {
  const folder = temporaryFolder();
  const storage = fileCheckpoints(folder);
  const token = await storage.fence('job');
  await storage.save(checkpoint({ fencingToken: token }));
  const draft = join(folder, 'job', '0000000001-000000000002.checkpoint.new');
  mkdirSync(draft);
  await expect(storage.save(checkpoint({ fencingToken: token, epoch: 2 }))).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_CHECKPOINT',
    trouble: 'failed',
    mayHeal: true,
  });
  expect((await storage.restore('job')).checkpoint).toMatchObject({ epoch: 1 });
  rmdirSync(draft);
  await storage.save(checkpoint({ fencingToken: token, epoch: 2 }));
  expect((await storage.restore('job')).checkpoint).toMatchObject({ epoch: 2 });
  await storage.close();
});

it('what cannot be sent to its thread, or is no checkpoint, is refused and nothing else', async () => {
  const storage = fileCheckpoints(temporaryFolder());
  const token = await storage.fence('job');
  const metadata = () => 1;
  await expect(storage.save(checkpoint({ fencingToken: token, metadata }))).rejects.toMatchObject({ trouble: 'unfit' });
  await expect(storage.save(checkpoint({ fencingToken: token, epoch: -1 }))).rejects.toMatchObject({
    trouble: 'unfit',
  });
  await storage.save(checkpoint({ fencingToken: token }));
  await storage.close();
});

it('a file where the folder should be is told as the system tells it', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, '');
  const storage = fileCheckpoints(path);
  await expect(storage.fence('job')).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CHECKPOINT', mayHeal: true });
  await storage.close();
});

it('options are checked before anything is made', () => {
  const folder = temporaryFolder();
  expect(() => fileCheckpoints(folder, { keep: 0 })).toThrow(/checkpoints.keep: expected/);
  expect(() => fileCheckpoints('')).toThrow(/folder: expected/);
  expect(() => databaseCheckpoints('x', { longestChain: 0.5 })).toThrow(/longestChain: expected/);
  expect(() => fileCheckpoints(folder, { keeps: 2 } as never)).toThrow(/keep/);
  expect(readdirSync(folder)).toEqual([]);
});

it('saves in a transaction of the output, which takes both back or neither', async () => {
  const path = join(temporaryFolder(), 'out.sqlite');
  const storage = databaseCheckpoints(path);
  const token = await storage.fence('job');
  using output = new DatabaseSync(path);
  output.exec('CREATE TABLE results (n INTEGER)');
  const commit = (epoch: number, how: 'COMMIT' | 'ROLLBACK') => {
    output.exec('BEGIN IMMEDIATE');
    output.prepare('INSERT INTO results VALUES (?)').run(epoch);
    storage.transaction?.saveIn(output, checkpoint({ fencingToken: token, epoch, guestStates: [state([1, epoch])] }));
    output.exec(how);
  };
  commit(1, 'COMMIT');
  commit(2, 'ROLLBACK');
  // Builds on 1, since 2 is not there.
  commit(3, 'COMMIT');
  expect(
    output
      .prepare('SELECT n FROM results')
      .all()
      .map(({ n }) => n),
  ).toEqual([1, 3]);
  const { checkpoint: restored } = await storage.restore('job');
  expect(filledWith(restored?.guestStates ?? [])).toEqual([[1, 3]]);
  await storage.fence('job');
  expect(() => commit(4, 'COMMIT')).toThrow(/expected run 1 to be the newest, got run 2/);
  output.exec('ROLLBACK');
  await storage.close();
});
