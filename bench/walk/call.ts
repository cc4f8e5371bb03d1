/**
 * The files one warm call passes through, from `run()` to its settlement: those that each of several
 * calls enters. The first call of every 100 ms reads memory, and is one of several; one call in 64 is
 * sampled for stage times, here none.
 */
import { BroadcastChannel } from 'node:worker_threads';
import { systemTimers } from '../../src/foundation/clock.ts';
import { createSandbox, wrap } from '../../src/index.ts';
import { guestBytes } from '../core/guest.ts';
import { EnteredFiles, workerChannel } from './entered.ts';

export interface CallWalk {
  readonly name: string;
  /** Files that every call entered on the caller's thread. */
  readonly files: readonly string[];
  /** Files that only some of the calls entered. */
  readonly nowAndThen: readonly string[];
  /** Files entered on the worker's thread, where the worker is ours. */
  readonly inWorker: readonly string[];
}

const spans = { sampleEvery: 1_000_000 };
const warmCalls = 200;
const walkedCalls = 20;

export async function walkCalls(): Promise<readonly CallWalk[]> {
  const addOne = (n: number) => Promise.resolve(n + 1);
  const single = wrap(addOne, { name: 'single', spans });
  const gated = wrap(addOne, { name: 'gated', spans, concurrency: 8 });
  const batched = wrap((all: number[]) => all.map((n) => n + 1), { name: 'batched', spans, batch: { size: 8 } });
  const workerUrl = new URL('../core/peer-worker.ts', import.meta.url);
  const piscina = { filename: workerUrl.href, name: 'one', maxThreads: 1, workerData: { bytes: await guestBytes() } };
  const pool = wrap<number, number>({ piscina }, { name: 'pool', spans });
  return [
    await walk(
      'wrap(function)',
      () => single.run(1),
      () => single.close(),
    ),
    await walk(
      'wrap(function, { concurrency })',
      () => gated.run(1),
      () => gated.close(),
    ),
    await walk(
      'wrap(function, { batch })',
      () => batched.run(1),
      () => batched.close(),
    ),
    await walk(
      'wrap({ piscina })',
      () => pool.run(1),
      () => pool.close(),
    ),
    await walkSandbox('createSandbox()', 'ring'),
    await walkSandbox("createSandbox({ transport: 'message' })", 'message'),
  ];
}

/** A worker that serves a ring blocks its thread between calls, and tells of no files. */
async function walkSandbox(name: string, transport: 'ring' | 'message'): Promise<CallWalk> {
  const inWorker: string[] = [];
  const channel = new BroadcastChannel(workerChannel);
  channel.onmessage = (message) => {
    inWorker.splice(0, inWorker.length, ...(message as { data: readonly string[] }).data);
  };
  const sandbox = await createSandbox({
    guests: { guest: { module: await guestBytes() } },
    threads: 1,
    transport,
    spans,
    workerUrl: new URL('./walked-worker.ts', import.meta.url),
  });
  const work = sandbox.function('guest.work');
  const walked = await walk(
    name,
    () => work(1),
    () => sandbox.close(),
  );
  channel.close();
  return { ...walked, inWorker: transport === 'message' ? inWorker : [] };
}

async function walk(name: string, call: () => Promise<unknown>, close: () => Promise<void>): Promise<CallWalk> {
  for (let i = 0; i < warmCalls; i++) await call();
  const entered = new EnteredFiles();
  const walks: (readonly string[])[] = [];
  for (let i = 0; i < walkedCalls; i++) {
    // What the call before has left to do, such as a tick of the clock, is no part of this one.
    await systemTimers.sleep(3, { keepAlive: true });
    entered.take();
    await call();
    walks.push(entered.take());
  }
  entered.end();
  await close();
  const files = (walks[0] ?? []).filter((file) => walks.every((one) => one.includes(file)));
  const nowAndThen = [...new Set(walks.flat())].filter((file) => !files.includes(file));
  return { name, files, nowAndThen, inWorker: [] };
}
