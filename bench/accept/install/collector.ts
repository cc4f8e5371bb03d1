/** A collector that counts the calls it is told of. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Collector extends Disposable {
  readonly endpoint: string;
  /** Spans of calls that came so far. */
  calls(): number;
}

const path = '/v1/traces';
/** As protobuf has it: the name of a span, field 5, with its length. */
const callSpan = Buffer.from([0x2a, 'sandtune.call'.length, ...Buffer.from('sandtune.call')]);

/** @param refuses spans that it says it refused, in the answer to each export; below 128 */
export async function startCollector({ refuses }: { readonly refuses: number }): Promise<Collector> {
  // ExportTraceServiceResponse { partial_success { rejected_spans } }
  const answer = refuses > 0 ? Buffer.from([0x0a, 2, 0x08, refuses]) : Buffer.alloc(0);
  let calls = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const whole = Buffer.concat(parts);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
      if (request.url === path) calls += countOf(callSpan, body);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function countOf(wanted: Buffer, body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(wanted); at >= 0; at = body.indexOf(wanted, at + wanted.length)) count++;
  return count;
}
