/**
 * The thread of a database sink: its connection, its transaction, and the checkpoints that are saved in it. Neither a
 * slow disk nor a lock of another process holds up the host's.
 */
import { workerData } from 'node:worker_threads';
import { storeError } from '../../store/store-error.ts';
import type { ToThread } from '../asked-thread.ts';
import { answerAll } from '../asked-thread-port.ts';
import { checkpointError } from '../checkpoint/checkpoint-error.ts';
import type { DatabaseSinkCalls, DatabaseSinkSetup } from './database-protocol.ts';
import { DatabaseTable } from './database-table.ts';

const setup = workerData as DatabaseSinkSetup;
const lockedBy = 'whoever has begun a transaction keeps it locked until that ends, or its process does';
let table: DatabaseTable | undefined;
const opened = () => {
  table ??= new DatabaseTable(setup);
  return table;
};

answerAll<DatabaseSinkCalls>(
  carryOut,
  (thrown) => {
    const { trouble, message } = checkpointError(setup.path, thrown);
    // No other process says so: a run that was stopped holds its transaction until it goes on.
    const isLocked = storeError(setup.path, thrown).trouble === 'locked';
    return { trouble, message: isLocked ? `${message}; ${lockedBy}` : message };
  },
  (answer) => (answer && 'numbers' in answer ? [answer.bytes, answer.numbers] : []),
);

function carryOut({ call, given }: ToThread<DatabaseSinkCalls>): DatabaseSinkCalls[keyof DatabaseSinkCalls]['answer'] {
  switch (call) {
    case 'open':
      opened();
      return undefined;
    case 'write':
      opened().write(given);
      return { bytes: given.bytes, numbers: given.numbers };
    case 'flush':
      return opened().commit();
    case 'commit':
      return opened().commitWith(given.checkpoint, given.keeping);
    case 'close':
      table?.close(given);
      return undefined;
  }
}
