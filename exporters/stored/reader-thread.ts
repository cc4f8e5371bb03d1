/** The thread that reads a stored ledger: one request, whose result it gives part by part as the host asks. */
import { parentPort, workerData } from 'node:worker_threads';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { failureOf } from './failure.ts';
import type { FromReader, Part, ReadingRequest } from './protocol.ts';

const port = parentPort;
if (!port) throw new SandtuneError('ERR_SANDTUNE_LEDGER', 'expected to run on a thread of its own');

const parts = await partsOf(workerData as ReadingRequest);

port.on('message', () => port.postMessage(answer()));

/** Loads only what the request needs: what a report is made of takes memory that a replay has no use for. */
async function partsOf(request: ReadingRequest): Promise<Generator<Part>> {
  return request.kind === 'replay'
    ? (await import('./replay-stored.ts')).replayParts(request)
    : (await import('./read-stored.ts')).reportParts(request);
}

function answer(): FromReader {
  try {
    const { value, done } = parts.next();
    return done ? { kind: 'end' } : { kind: 'part', part: value };
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}
