/** A CDN on the loopback device: every path ending in .js is a small module, which comes after `delayMs`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemTimers } from '../../../src/foundation/clock.ts';

export interface Origin extends Disposable {
  readonly url: string;
}

export async function startOrigin(delayMs: number): Promise<Origin> {
  const server = createServer((request, response) => {
    void systemTimers.sleep(delayMs).then(() => {
      const path = request.url ?? '/';
      if (path.endsWith('.js')) response.writeHead(200, { 'content-type': 'text/javascript' }).end(moduleAt(path));
      else response.writeHead(404).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The same for the same path: imports one module and exports thirty functions. */
export function moduleAt(path: string): string {
  const functions = Array.from(
    { length: 30 },
    (_, index) => `export function part${index}(value) {\n  return base(value, '${path}') + ${index};\n}\n`,
  );
  return `import { base } from './base.js';\n${functions.join('')}`;
}
