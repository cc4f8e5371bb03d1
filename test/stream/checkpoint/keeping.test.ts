import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CheckpointKeeping } from 'sandtune/stream';
import { describe, expect, it } from 'vitest';
import { databaseRoom } from '../../../src/stream/checkpoint/database-room.ts';
import { fileRoom } from '../../../src/stream/checkpoint/file-room.ts';
import { Keeping } from '../../../src/stream/checkpoint/keeping.ts';
import type { CheckpointRoom } from '../../../src/stream/checkpoint/room.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint, filledWith, refuses, state } from './support.ts';

const options: CheckpointKeeping = { keep: 3, longestChain: 4, mostStateBytes: 2 ** 30 };

interface Kind {
  readonly name: string;
  open(folder: string): CheckpointRoom;
  /** Damages one that is stored. */
  damage(folder: string, id: string): void;
}

const kinds: readonly Kind[] = [
  {
    name: 'files',
    open: (folder) => fileRoom(join(folder, 'checkpoints')),
    damage: (folder, id) => {
      const path = join(folder, 'checkpoints', id);
      const bytes = readFileSync(path);
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] as number) ^ 1;
      writeFileSync(path, bytes);
    },
  },
  {
    name: 'a database',
    open: (folder) => databaseRoom(join(folder, 'checkpoints.sqlite')),
    damage: (folder, id) => {
      using database = new DatabaseSync(join(folder, 'checkpoints.sqlite'));
      database
        .prepare("UPDATE sandtune_checkpoints SET content = CAST(content || x'00' AS BLOB) WHERE id = ?")
        .run(Number(id));
    },
  },
];

describe.each(kinds)('checkpoints in $name', ({ open, damage }) => {
  const begin = (folder = temporaryFolder(), changes: Partial<CheckpointKeeping> = {}) => {
    const keeping = new Keeping(open(folder), { ...options, ...changes });
    return { folder, keeping, damage: (id: string) => damage(folder, id) };
  };
  const saveAll = (keeping: Keeping, token: number, epochs: readonly number[], pages = false) => {
    for (const epoch of epochs)
      keeping.save(
        checkpoint({ fencingToken: token, epoch, guestStates: pages ? [state([1, 2, epoch])] : [], metadata: epoch }),
      );
  };
  const epochsOf = (keeping: Keeping) =>
    keeping.list('job').map(({ epoch, isQuarantined }) => (isQuarantined ? -epoch : epoch));

  it('a job without any begins at its beginning', () => {
    const { keeping } = begin();
    expect(keeping.restore('job')).toEqual({ checkpoint: undefined, quarantined: [] });
    keeping.fence('job');
    expect(keeping.restore('job')).toEqual({ checkpoint: undefined, quarantined: [] });
  });

  it('a start takes the newest, by run and epoch and not by time', () => {
    const { folder, keeping } = begin();
    keeping.save(checkpoint({ fencingToken: keeping.fence('job'), epoch: 8, savedAtMs: 9e12 }));
    keeping.save(checkpoint({ fencingToken: 1, epoch: 9, savedAtMs: 5 }));
    keeping.save(checkpoint({ fencingToken: keeping.fence('job'), epoch: 2, savedAtMs: 1 }));
    keeping.close();
    expect(begin(folder).keeping.restore('job').checkpoint).toMatchObject({ fencingToken: 2, epoch: 2, savedAtMs: 1 });
  });

  it('two jobs have nothing to do with each other, whatever their names', () => {
    const { keeping } = begin();
    for (const job of ['a/b', '..', 'a', 'ä*'])
      keeping.save(checkpoint({ job, fencingToken: keeping.fence(job), metadata: job }));
    for (const job of ['a/b', '..', 'a', 'ä*'])
      expect(keeping.restore(job).checkpoint).toMatchObject({ job, metadata: job });
    expect(
      keeping
        .list()
        .map(({ job }) => job)
        .sort(),
    ).toEqual(['..', 'a', 'a/b', 'ä*']);
  });

  it('a run that is no longer the newest can save no more', () => {
    const { folder, keeping: zombie } = begin();
    const old = zombie.fence('job');
    saveAll(zombie, old, [1]);
    const { keeping } = begin(folder);
    const token = keeping.fence('job');
    expect(token).toBeGreaterThan(old);
    refuses(() => saveAll(zombie, old, [2]), 'fenced', /expected run 1 to be the newest, got run 2/);
    expect(keeping.restore('job').checkpoint).toMatchObject({ epoch: 1 });
    saveAll(keeping, token, [2]);
    expect(epochsOf(keeping)).toEqual([2, 1]);
  });

  it('those that do not verify are put aside and told of, and the newest that does is taken', () => {
    const { folder, keeping, damage } = begin();
    saveAll(keeping, keeping.fence('job'), [1, 2, 3]);
    const [newest, second] = keeping.list('job');
    damage(newest?.id ?? '');
    damage(second?.id ?? '');
    keeping.close();
    const { keeping: later } = begin(folder);
    const { checkpoint: restored, quarantined } = later.restore('job');
    expect(restored).toMatchObject({ epoch: 1, metadata: 1 });
    expect(quarantined).toHaveLength(2);
    for (const { reason } of quarantined) expect(reason).toMatch(/expected/);
    expect(epochsOf(later)).toEqual([-3, -2, 1]);
    expect(later.restore('job').quarantined).toEqual([]);
  });

  it('where none verifies nothing begins, then or later', () => {
    const { folder, keeping, damage } = begin();
    saveAll(keeping, keeping.fence('job'), [1, 2]);
    for (const { id } of keeping.list()) damage(id);
    refuses(() => keeping.restore('job'), 'lost', /found 2 and none does; .*expected/s);
    keeping.close();
    refuses(() => begin(folder).keeping.restore('job'), 'lost', /found 2 and none does/);
  });

  it('keeps the newest three that verify, and never deletes one that does not', () => {
    const { keeping, damage } = begin();
    const token = keeping.fence('job');
    saveAll(keeping, token, [1, 2, 3, 4, 5]);
    expect(epochsOf(keeping)).toEqual([5, 4, 3]);
    damage(keeping.list('job')[0]?.id ?? '');
    // Forgets what was verified before.
    expect(keeping.restore('job').checkpoint).toMatchObject({ epoch: 4 });
    saveAll(keeping, token, [6]);
    expect(epochsOf(keeping)).toEqual([6, -5, 4, 3]);
    saveAll(keeping, token, [7, 8, 9]);
    expect(epochsOf(keeping)).toEqual([9, 8, 7, -5]);
  });

  it('one that was damaged before it was read back is no reason to let an older one go', () => {
    const folder = temporaryFolder();
    const room = open(folder);
    const cut: CheckpointRoom = {
      ...room,
      // A disk that says yes and keeps half.
      put: (place, parts) => room.put(place, place.epoch === 4 ? parts.slice(0, 1) : parts),
    };
    const keeping = new Keeping(cut, options);
    saveAll(keeping, keeping.fence('job'), [1, 2, 3, 4, 5]);
    expect(epochsOf(keeping)).toEqual([5, 4, 3, 2]);
  });

  it('pages are stored once while they do not change, and what others build on stays', () => {
    const { folder, keeping } = begin();
    const token = keeping.fence('job');
    saveAll(keeping, token, [1, 2, 3, 4, 5], true);
    // 5 builds on 4, on 3, on 2, on 1.
    expect(epochsOf(keeping)).toEqual([5, 4, 3, 2, 1]);
    const sizes = keeping.list('job').map(({ bytes }) => bytes);
    expect(sizes[0]).toBeLessThan((sizes[4] ?? 0) / 2);
    // The chain is at its end: 6 stands alone.
    saveAll(keeping, token, [6], true);
    expect(keeping.list('job')[0]?.bytes).toBeGreaterThan(sizes[0] as number);
    saveAll(keeping, token, [7, 8], true);
    expect(epochsOf(keeping)).toEqual([8, 7, 6]);
    keeping.close();
    const { keeping: later } = begin(folder);
    const next = later.fence('job');
    expect(filledWith(later.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2, 8]]);
    // The first of a later run builds on what it restored.
    saveAll(later, next, [9], true);
    expect(later.list('job')[0]?.bytes).toBeLessThan((sizes[4] ?? 0) / 2);
    expect(filledWith(later.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2, 9]]);
  });

  it('with a base that is damaged, all that builds on it is put aside', () => {
    const { keeping, damage } = begin();
    const token = keeping.fence('job');
    saveAll(keeping, token, [1, 2, 3, 4, 5, 6, 7], true);
    // 6 stands alone, 7 builds on it; 5 builds on 4 … 1.
    const base = keeping.list('job').find(({ epoch }) => epoch === 6);
    damage(base?.id ?? '');
    const { checkpoint: restored, quarantined } = keeping.restore('job');
    expect(filledWith(restored?.guestStates ?? [])).toEqual([[1, 2, 5]]);
    expect(quarantined).toHaveLength(2);
  });

  it('does not build on one that somebody has taken away', () => {
    const { folder, keeping } = begin();
    const room = open(folder);
    const token = keeping.fence('job');
    saveAll(keeping, token, [1], true);
    room.remove(keeping.list('job').map(({ id }) => id));
    saveAll(keeping, token, [2], true);
    expect(filledWith(keeping.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2, 2]]);
  });

  it('verifies one by its id, with what it builds on, and changes nothing', () => {
    const { keeping, damage } = begin();
    saveAll(keeping, keeping.fence('job'), [1, 2], true);
    const [second, first] = keeping.list('job').map(({ id }) => id) as [string, string];
    expect(keeping.verify(second)).toMatchObject({ id: second, isWhole: true, reason: undefined });
    damage(first);
    expect(keeping.verify(second)).toMatchObject({ isWhole: false, reason: expect.stringMatching(/expected/) });
    expect(epochsOf(keeping)).toEqual([2, 1]);
    expect(keeping.verify('nothing')).toMatchObject({ isWhole: false });
  });

  it('a look makes nothing where nothing is', () => {
    const { folder, keeping } = begin();
    expect(keeping.list()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a job without a name, or with too long a one, is refused', () => {
    const { keeping } = begin();
    refuses(() => keeping.fence(''), 'unfit', /expected a job with a name of 1 to 80/);
    refuses(() => keeping.fence('x'.repeat(81)), 'unfit', /expected a job/);
  });
});

it('a checkpoint file that bears the name of another is found', () => {
  const folder = temporaryFolder();
  const keeping = new Keeping(fileRoom(folder), options);
  const token = keeping.fence('job');
  keeping.save(checkpoint({ fencingToken: token, epoch: 1 }));
  const [one] = keeping.list('job');
  renameSync(join(folder, one?.id ?? ''), join(folder, one?.id.replace('-000000000001', '-000000000009') ?? ''));
  refuses(() => keeping.restore('job'), 'lost', /epoch 9, got that of 'job', 1, 1/);
});

it('what a killed process was writing is cleared away by the next run, and is never taken for a checkpoint', () => {
  const folder = temporaryFolder();
  const keeping = new Keeping(fileRoom(folder), options);
  keeping.save(checkpoint({ fencingToken: keeping.fence('job') }));
  writeFileSync(join(folder, 'job', '0000000001-000000000002.checkpoint.new'), 'half');
  expect(keeping.restore('job').checkpoint).toMatchObject({ epoch: 1 });
  keeping.fence('job');
  expect(readdirSync(join(folder, 'job')).sort()).toEqual([
    '0000000001-000000000001.checkpoint',
    '0000000002.run',
    'runs.lock',
  ]);
});

it('a database that was emptied, or is none, is no beginning', () => {
  const path = join(temporaryFolder(), 'checkpoints.sqlite');
  const first = new Keeping(databaseRoom(path), options);
  first.save(checkpoint({ fencingToken: first.fence('job') }));
  first.close();
  for (const part of ['-wal', '-shm']) rmSync(path + part, { force: true });
  truncateSync(path);
  refuses(() => new Keeping(databaseRoom(path), options).restore('job'), 'damaged', /empty file/);
  writeFileSync(path, 'x'.repeat(5000));
  refuses(() => new Keeping(databaseRoom(path), options).restore('job'), 'damaged', /not a database/);
});

it('a folder that somebody has emptied is no beginning, and fences off who wrote to it before', () => {
  const folder = temporaryFolder();
  const keeping = new Keeping(fileRoom(folder), options);
  const old = keeping.fence('job');
  keeping.save(checkpoint({ fencingToken: old }));
  rmSync(join(folder, 'job'), { recursive: true });
  refuses(() => keeping.restore('job'), 'lost', /found 0 and none does; run 1, epoch 1: .*recovery: 'from-beginning'/);
  expect(new Keeping(fileRoom(folder), options).fence('job')).toBeGreaterThan(old);
  refuses(() => keeping.save(checkpoint({ fencingToken: old, epoch: 2 })), 'fenced', /got run 2/);
});

it('a folder whose newest file is gone says so', () => {
  const folder = temporaryFolder();
  const keeping = new Keeping(fileRoom(folder), options);
  const token = keeping.fence('job');
  for (const epoch of [1, 2]) keeping.save(checkpoint({ fencingToken: token, epoch }));
  rmSync(join(folder, keeping.list('job')[0]?.id ?? ''));
  expect(keeping.restore('job')).toMatchObject({ checkpoint: { epoch: 1 }, quarantined: [{ id: 'run 1, epoch 2' }] });
});

it('a database whose newest row is gone says so', () => {
  const path = join(temporaryFolder(), 'checkpoints.sqlite');
  const keeping = new Keeping(databaseRoom(path), options);
  const token = keeping.fence('job');
  for (const epoch of [1, 2]) keeping.save(checkpoint({ fencingToken: token, epoch }));
  using database = new DatabaseSync(path);
  database.exec('DELETE FROM sandtune_checkpoints WHERE epoch = 2');
  expect(keeping.restore('job')).toMatchObject({
    checkpoint: { epoch: 1 },
    quarantined: [{ id: 'run 1, epoch 2', reason: 'expected the checkpoint that was saved last, found none' }],
  });
  database.exec('DELETE FROM sandtune_checkpoints');
  refuses(() => keeping.restore('job'), 'lost', /found 0/);
});
