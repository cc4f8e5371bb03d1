/** What the pools of these promises run: talks through a port, or reads a stream to its end. */
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';

/** Keeps Node from aborting the process where a worker is ended while it loads this file: see fault-worker.ts. */
export const __esModule = true;

export default async function work({ port, stream }: { port?: MessagePort; stream?: ReadableStream<Uint8Array> }) {
  if (port) {
    port.postMessage('ready');
    const [said] = await once(port, 'message');
    port.close();
    return said;
  }
  return new Response(stream).text();
}
