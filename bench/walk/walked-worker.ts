/** The sandbox's worker, telling after each message which of our files it went through. */
import { BroadcastChannel } from 'node:worker_threads';
import runBatch from '../../src/sandbox/run/worker.ts';
import { EnteredFiles, workerChannel } from './entered.ts';

const channel = new BroadcastChannel(workerChannel);
const entered = new EnteredFiles();

export default function walkedBatch(message: readonly unknown[]): ReturnType<typeof runBatch> {
  entered.take();
  const values = runBatch(message);
  channel.postMessage(entered.take());
  return values;
}
