/** What the pools of these promises run: talks through a port, or reads a stream to its end. */
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';

export default async function work({ port, stream }: { port?: MessagePort; stream?: ReadableStream<Uint8Array> }) {
  if (port) {
    port.postMessage('ready');
    const [said] = await once(port, 'message');
    port.close();
    return said;
  }
  return new Response(stream).text();
}
