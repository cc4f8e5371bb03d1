/**
 * An HTTP service on a pool of threads, tuned while it serves:
 *
 *   npm run example examples/http-service.ts [port]        # else $PORT, else 8080; 0 takes a free one
 *   curl localhost:8080/piscina@5.3.2/dist/index.js
 *   curl localhost:8080/                                   # what the tuner knows so far, as Markdown
 *
 * It says what a module of a CDN ($ORIGIN, else unpkg.com) costs the page that loads it: its size, plain
 * and compressed, what it imports and exports, and the integrity attribute to paste. A thread fetches
 * the module and then works on it, so how many threads are right depends on how far away the CDN is.
 *
 * $SANDTUNE_DIR is the folder of the ledger (.sandtune); SANDTUNE_MODE=off serves without tuning.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Piscina } from 'piscina';
import { wrap } from 'sandtune';
import { report } from 'sandtune/exporters';
import { tune } from 'sandtune/tuner';
import type { ModuleCost, NoModule } from './support/module-cost-worker.ts';

const port = Number(process.argv[2] ?? process.env['PORT'] ?? 8080);
const origin = process.env['ORIGIN'] ?? 'https://unpkg.com';

/** Calls that may wait for a thread. Beyond it a request is told to come back later. */
const maxQueue = 1000;
/** Time that requests under way get once the service is told to end. */
const drainMs = 10_000;

const filename = new URL('./support/module-cost-worker.ts', import.meta.url).href;
const pool = wrap(new Piscina<string, ModuleCost | NoModule>({ filename, maxQueue }), { name: 'module-cost' });
// `auto` changes what is proven better; `persist` begins the next start with it.
const tuner = tune(pool, {
  mode: 'auto',
  maximize: 'goodput',
  sloMs: 500,
  subjectTo: ['p99 within 20%', 'errors < 1%'],
  persist: true,
});
tuner.watch((entry) => {
  if (entry.kind !== 'record' || entry.record.kind !== 'decision') return;
  const { decision, settings, reason } = entry.record;
  console.log(`tuner: ${decision}, ${JSON.stringify(settings)} from now on: ${reason}`);
});

const server = createServer((request, response) => void answer(request, response));
server.listen(port);
await once(server, 'listening');
console.log(`listening on http://localhost:${(server.address() as AddressInfo).port} (tuner: ${tuner.mode})`);

async function answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, body] = await answerTo(method, url);
  // A connection that is kept would keep the server from closing.
  if (!server.listening) response.setHeader('connection', 'close');
  if (status === 503) response.setHeader('retry-after', '1');
  const isText = typeof body === 'string';
  response.setHeader('content-type', isText ? 'text/markdown; charset=utf-8' : 'application/json');
  response.writeHead(status).end(isText ? body : `${JSON.stringify(body)}\n`);
}

async function answerTo(method: string | undefined, url: string): Promise<readonly [status: number, body: unknown]> {
  if (method !== 'GET') return [405, { problem: `expected GET, got ${method}` }];
  const path = URL.parse(url, 'http://service')?.pathname;
  if (path === undefined) return [400, { problem: 'expected a path' }];
  if (path === '/') return [200, report(tuner.ledger).markdown];
  try {
    // Whatever the path says, it is asked of this origin and of no other.
    const answered = await pool.run(`${origin}${path}`);
    return 'status' in answered ? [answered.status, answered] : [200, answered];
  } catch (error) {
    return [503, { problem: (error as Error).message }];
  }
}

await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);

// What was asked is answered, the last setting known to be good is in force again, and the process ends by itself.
const closed = once(server, 'close');
server.close();
const late = setTimeout(() => server.closeAllConnections(), drainMs);
try {
  await tuner[Symbol.asyncDispose]();
} catch (error) {
  // A knob would not go back. Its pool ends with the process, so that is worth a line and no more.
  console.error(`tuner: ${(error as Error).message}`);
}
await closed;
clearTimeout(late);
await pool.close();
