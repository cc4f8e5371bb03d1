import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databaseRoom } from '../../../src/stream/checkpoint/database-room.ts';
import { fileRoom } from '../../../src/stream/checkpoint/file-room.ts';
import { Keeping } from '../../../src/stream/checkpoint/keeping.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint, state } from './support.ts';

const places = {
  files: (folder: string) => fileRoom(join(folder, 'checkpoints')),
  database: (folder: string) => databaseRoom(join(folder, 'checkpoints.sqlite')),
} as const;

it.each(Object.entries(places))(
  'each of very many checkpoints is verified without a look at those it does not build on: %s',
  (_, roomIn) => {
    const room = roomIn(temporaryFolder());
    let lists = 0;
    const list: typeof room.list = (job) => {
      lists++;
      return room.list(job);
    };
    const keeping = new Keeping({ ...room, list }, { keep: 20, longestChain: 4, mostStateBytes: 2 ** 30 });
    const fencingToken = keeping.fence('a/job');
    for (const epoch of [1, 2, 3, 4])
      keeping.save(checkpoint({ job: 'a/job', fencingToken, epoch, guestStates: [state([1, epoch])] }));
    const ids = keeping.list('a/job').map(({ id }) => id);
    lists = 0;
    expect(ids.map((id) => keeping.verify(id).isWhole)).toEqual([true, true, true, true]);
    expect(lists).toBe(0);
    // All build on the first one.
    room.quarantine(ids.at(-1) ?? '', 'for a test');
    expect(keeping.verify(ids[0] ?? '')).toMatchObject({ isWhole: false, reason: expect.stringMatching(/found none/) });
    expect(keeping.verify('../a/0000000001-000000000001.checkpoint').isWhole).toBe(false);
    keeping.close();
  },
);
