/** The peers' worker: the same guest, called the way piscina's users call one, or by messages alone. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Answer, answerTo, type Bytes, exportsOf, type Request } from './request.ts';

const {
  bytes,
  raw = false,
  transfers = false,
} = workerData as { readonly bytes: Bytes; readonly raw?: boolean; readonly transfers?: boolean };
const exports = exportsOf(bytes);

/** One call a task. */
export function one(request: Request): Answer {
  return answerTo(exports, request);
}

/** Many calls a task. */
export function many(requests: readonly Request[]): Answer[] {
  return requests.map(one);
}

if (raw)
  parentPort?.on('message', (request: Request) => {
    const answer = one(request);
    const [, result] = answer;
    parentPort?.postMessage(answer, transfers && typeof result !== 'number' ? [result.buffer] : []);
  });
