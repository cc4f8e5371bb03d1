/** A collector on the loopback device: keeps what it is sent, and can be slow or unwilling. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Receiver extends AsyncDisposable {
  readonly endpoint: string;
  readonly received: readonly Received[];
}

export async function startReceiver({
  delayMs = 0,
  status = 200,
  answerBody = Buffer.alloc(0),
  /** Its answer begins, goes on byte by byte, and never ends. */
  trickles = false,
} = {}): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    received.push({ url: request.url ?? '', headers: request.headers, body });
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    response.writeHead(status, { 'content-type': 'application/x-protobuf' });
    if (!trickles) return void response.end(answerBody);
    const trickle = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(trickle));
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
