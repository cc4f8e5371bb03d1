/**
 * A page in headless Chromium, driven over the DevTools protocol by Node's own WebSocket: what a
 * script in the page would answer, and what the browser complained of or asked the network for.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Page extends AsyncDisposable {
  /** At a width in CSS pixels, light or dark. */
  open(url: string, view: { readonly width: number; readonly dark?: boolean }): Promise<void>;
  /** The value of an expression, as JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Console errors, exceptions, violations of the page's own security policy. */
  readonly complaints: readonly string[];
  /** Every URL the page asked for. */
  readonly asked: readonly string[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

interface Target {
  readonly type: string;
  readonly webSocketDebuggerUrl: string;
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];

export async function openChromium(path: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'sandtune-chromium-'));
  const browser = spawn(path, [...flags, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
  const portFile = join(profile, 'DevToolsActivePort');
  while (!existsSync(portFile) || !readFileSync(portFile, 'utf8').includes('\n')) await sleep(50);
  const [port] = readFileSync(portFile, 'utf8').split('\n');
  let target: Target | undefined;
  // The port is open a moment before there is a page.
  while (!target) {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as Target[];
    target = targets.find((one) => one.type === 'page');
    if (!target) await sleep(50);
  }
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('Chromium refused the connection')), { once: true });
  });

  const waiting = new Map<number, (message: Message) => void>();
  const complaints: string[] = [];
  const asked: string[] = [];
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    if (message.method === 'Network.requestWillBeSent')
      asked.push((message.params as { request: { url: string } }).request.url);
    if (message.method === 'Log.entryAdded' || message.method === 'Runtime.exceptionThrown')
      complaints.push(JSON.stringify(message.params));
  });
  let last = 0;
  const send = (method: string, params: Record<string, unknown> = {}) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  };

  return {
    complaints,
    asked,
    async open(url, { width, dark = false }) {
      await send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
      await send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
      });
      await send('Page.navigate', { url });
      // A load event may still be that of the page before.
      const there = `location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`;
      while (!(await evaluate<boolean>(there))) await sleep(20);
    },
    evaluate,
    async [Symbol.asyncDispose]() {
      socket.close();
      browser.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
