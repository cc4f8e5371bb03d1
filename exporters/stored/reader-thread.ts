/** The thread that reads a stored ledger: one request, whose result it gives part by part as the host asks. */
import { parentPort, workerData } from 'node:worker_threads';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { failureOf } from './failure.ts';
import type { FromReader, ReadingRequest } from './protocol.ts';
import { partsOf } from './read-stored.ts';

const port = parentPort;
if (!port) throw new SandtuneError('ERR_SANDTUNE_LEDGER', 'expected to run on a thread of its own');

const parts = partsOf(workerData as ReadingRequest);

port.on('message', () => port.postMessage(answer()));

function answer(): FromReader {
  try {
    const { value, done } = parts.next();
    return done ? { kind: 'end' } : { kind: 'part', part: value };
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}
