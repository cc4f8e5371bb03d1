import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileRoom } from '../../../src/stream/checkpoint/file-room.ts';
import { Keeping } from '../../../src/stream/checkpoint/keeping.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint, filledWith, refuses, state } from './support.ts';

function begin(folder = temporaryFolder()) {
  const room = fileRoom(join(folder, 'checkpoints'));
  return { folder, room, keeping: new Keeping(room, { keep: 3, longestChain: 0, mostStateBytes: 2 ** 30 }) };
}

it('a run that goes on says so without the memories it was given being looked at or written again', () => {
  const { folder, keeping } = begin();
  keeping.save(checkpoint({ fencingToken: keeping.fence('job'), guestStates: [state([1, 2, 1])] }));
  keeping.close();
  // However often a run ends before it has saved anything else.
  for (const epoch of [2, 3, 4]) {
    const { keeping: later } = begin(folder);
    const fencingToken = later.fence('job');
    const restored = later.restore('job').checkpoint;
    // Would be written if anybody looked.
    const guestStates = [state([7, 7, 7])];
    later.claim(checkpoint({ ...restored, fencingToken, epoch, guestStates }));
    expect(later.list('job')[0]?.bytes).toBeLessThan(5000);
    expect(filledWith(later.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2, 1]]);
    later.close();
  }
  const { keeping: last } = begin(folder);
  const token = last.fence('job');
  last.restore('job');
  last.save(checkpoint({ fencingToken: token, epoch: 5, guestStates: [state([1, 2, 5])] }));
  // It stands alone again.
  expect(last.list('job')[0]?.bytes).toBeGreaterThan(3 * 65_536);
  expect(filledWith(last.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2, 5]]);
});

it('a run that was stopped while it looked for its checkpoint, which a later one has let go, meets that of the later one', () => {
  const { folder, keeping, room } = begin();
  const token = keeping.fence('job');
  keeping.save(checkpoint({ fencingToken: token, metadata: 'old' }));
  let isStopped = true;
  const stopped: typeof room.list = (job) => {
    const listed = room.list(job);
    if (isStopped) {
      isStopped = false;
      const { keeping: later, room: its } = begin(folder);
      later.save(checkpoint({ fencingToken: later.fence('job'), metadata: 'new' }));
      its.remove(listed.map(({ id }) => id));
    }
    return listed;
  };
  const older = new Keeping({ ...room, list: stopped }, { keep: 3, longestChain: 0, mostStateBytes: 2 ** 30 });
  const restored = older.restore('job').checkpoint;
  expect(restored).toMatchObject({ metadata: 'new' });
  refuses(() => older.claim(checkpoint({ ...restored, fencingToken: token, epoch: 9 })), 'fenced', /got run 2/);
});

it('a claim whose base somebody has taken away, or of a job that was not restored, holds all of it', () => {
  const { keeping, room } = begin();
  const token = keeping.fence('job');
  keeping.claim(checkpoint({ fencingToken: token, guestStates: [state([1, 2])] }));
  expect(filledWith(keeping.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2]]);
  room.remove(keeping.list('job').map(({ id }) => id));
  keeping.claim(checkpoint({ fencingToken: token, epoch: 2, guestStates: [state([1, 2])] }));
  expect(filledWith(keeping.restore('job').checkpoint?.guestStates ?? [])).toEqual([[1, 2]]);
});

it('a claim after its run has saved others holds the memories that it is given, not those of the start', () => {
  const { folder, keeping } = begin();
  keeping.save(checkpoint({ fencingToken: keeping.fence('job'), guestStates: [state([1, 2, 1])] }));
  keeping.close();
  const { keeping: later } = begin(folder);
  const fencingToken = later.fence('job');
  later.restore('job');
  later.save(checkpoint({ fencingToken, epoch: 2, guestStates: [state([1, 2, 5])] }));
  later.claim(checkpoint({ fencingToken, epoch: 3, guestStates: [state([7, 2, 7])] }));
  expect(filledWith(later.restore('job').checkpoint?.guestStates ?? [])).toEqual([[7, 2, 7]]);
});
