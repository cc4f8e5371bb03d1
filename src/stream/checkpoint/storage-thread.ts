/** The thread of a storage: hashes, writes, syncs and reads checkpoints one after the other, away from the host's. */
import { workerData } from 'node:worker_threads';
import type { ToThread } from '../asked-thread.ts';
import { answerAll } from '../asked-thread-port.ts';
import { checkpointError } from './checkpoint-error.ts';
import { databaseRoom } from './database-room.ts';
import { fileRoom } from './file-room.ts';
import { Keeping } from './keeping.ts';
import type { StorageCalls, StorageSetup } from './storage-protocol.ts';

const { kind, path, ...options } = workerData as StorageSetup;
const keeping = new Keeping(kind === 'files' ? fileRoom(path) : databaseRoom(path), options);

answerAll<StorageCalls>(carryOut, (thrown) => {
  const { trouble, message } = checkpointError(`checkpoints in ${path}`, thrown);
  return { trouble, message };
});

function carryOut({ call, given }: ToThread<StorageCalls>): StorageCalls[keyof StorageCalls]['answer'] {
  switch (call) {
    case 'fence':
      return keeping.fence(given);
    case 'save':
      return keeping.save(given) as undefined;
    case 'claim':
      return keeping.claim(given) as undefined;
    case 'restore':
      return keeping.restore(given);
    case 'list':
      return keeping.list(given);
    case 'verify':
      return keeping.verify(given);
    case 'close':
      return keeping.close() as undefined;
  }
}
