/**
 * The host's side of the thread that reads a stored ledger. It reads no file itself, and asks for the next
 * part of the result only in a new turn of its event loop, so other work gets in between.
 */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { threadFile } from '../../src/foundation/thread-file.ts';
import { errorOf } from './failure.ts';
import type { FromReader, Part, ReadingRequest } from './protocol.ts';

/**
 * What is read is let go at once, so V8 is told to collect it early: what lives longer is the session that
 * is folded and its result. A session that needs more than this is refused, and the host lives. A young
 * generation of twice the size takes 5 MiB more of the process.
 */
const usualLimits: ResourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 512 };

/**
 * Resolves after `take` was given every part. Keeps the process alive until then.
 * @throws {SandtuneError} ERR_SANDTUNE_LEDGER when the thread cannot start or dies; what the reading throws;
 *   the signal's reason when it is aborted
 */
export async function onReadingThread(
  request: ReadingRequest,
  take: (part: Part) => void,
  signal?: AbortSignal,
  limits = usualLimits,
): Promise<void> {
  signal?.throwIfAborted();
  const over = Promise.withResolvers<void>();
  const abort = () => over.reject(signal?.reason);
  const worker = startWorker(request, limits);
  worker.on('message', (answer: FromReader) => {
    if (answer.kind === 'end') return over.resolve();
    if (answer.kind === 'failed') return over.reject(errorOf(answer.failure, request.path));
    take(answer.part);
    setImmediate(() => worker.postMessage('next'));
  });
  worker.on('error', (error) => over.reject(lost(request, error)));
  worker.on('exit', (code) => over.reject(lost(request, new Error(`it ended with code ${code}`))));
  signal?.addEventListener('abort', abort, { once: true });
  worker.postMessage('next');
  try {
    await over.promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

function startWorker(request: ReadingRequest, limits: ResourceLimits): Worker {
  try {
    return new Worker(threadFile('exporters/stored/reader-thread'), {
      workerData: request,
      name: 'sandtune-reader',
      // What is preloaded into the host has no business here.
      execArgv: [],
      resourceLimits: limits,
    });
  } catch (error) {
    throw lost(request, error);
  }
}

function lost({ path }: ReadingRequest, error: unknown): SandtuneError {
  const message = `the thread that reads the ledger in '${path}' could not do so: ${messageOf(error)}`;
  return new SandtuneError('ERR_SANDTUNE_LEDGER', message, { cause: error });
}
