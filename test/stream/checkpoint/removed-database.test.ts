import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { databaseRoom } from '../../../src/stream/checkpoint/database-room.ts';
import { Keeping } from '../../../src/stream/checkpoint/keeping.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { checkpoint, refuses } from './support.ts';

it.each([
  ['removed', (path: string) => rmSync(path), /it was removed or moved/],
  [
    'replaced',
    (path: string) => {
      writeFileSync(`${path}.other`, 'x');
      renameSync(`${path}.other`, path);
    },
    /another one was put in its place/,
  ],
])('a checkpoint in a database that was %s meanwhile is not said to be saved', (_, change, message) => {
  const path = join(temporaryFolder(), 'checkpoints.sqlite');
  const keeping = new Keeping(databaseRoom(path), { keep: 3, longestChain: 4, mostStateBytes: 2 ** 30 });
  const fencingToken = keeping.fence('job');
  keeping.save(checkpoint({ fencingToken }));
  change(path);
  refuses(() => keeping.save(checkpoint({ fencingToken, epoch: 2 })), 'failed', message);
  keeping.close();
});
