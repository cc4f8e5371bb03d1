/** The thread of a storage: hashes, writes, syncs and reads checkpoints one after the other, away from the host's. */
import { parentPort, workerData } from 'node:worker_threads';
import { CheckpointError, checkpointError } from './checkpoint-error.ts';
import { databaseRoom } from './database-room.ts';
import { fileRoom } from './file-room.ts';
import { Keeping } from './keeping.ts';
import type { FromStorage, StorageCalls, StorageSetup, ToStorage } from './storage-protocol.ts';

const { kind, path, ...options } = workerData as StorageSetup;
const port = parentPort;
if (!port) throw new CheckpointError('failed', 'storage: expected to run on a thread of its own');
const keeping = new Keeping(kind === 'files' ? fileRoom(path) : databaseRoom(path), options);

port.on('message', (message: ToStorage) => {
  const { id, call } = message;
  try {
    say({ id, answer: carryOut(message) });
  } catch (thrown) {
    const { trouble, message: text } = checkpointError(`checkpoints in ${path}`, thrown);
    say({ id, refusal: { trouble, message: text } });
  }
  if (call === 'close') port.close();
});

function carryOut({ call, given }: ToStorage): StorageCalls[keyof StorageCalls]['answer'] {
  switch (call) {
    case 'fence':
      return keeping.fence(given);
    case 'save':
      return keeping.save(given) as undefined;
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

function say(message: FromStorage): void {
  port?.postMessage(message);
}
