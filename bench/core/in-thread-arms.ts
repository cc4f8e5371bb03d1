/** Ways of calling the guest in the thread of the caller, and what each takes of its CPU time. */
import type { Entries } from '../arms/entries.ts';
import type { Numbers, OpenArm } from '../compare.ts';
import { expectedWork } from './guest.ts';

export interface InThreadSpec {
  readonly way: 'raw' | 'raw-awaited' | 'sync' | 'awaited' | 'worker';
  readonly measure: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Calls between two looks at how much time has passed. */
const stretch = 20_000;
/** On workers: calls in flight. */
const inFlight = 64;

export async function openArm({ way, measure, bytes }: InThreadSpec, entries: Entries): Promise<OpenArm> {
  if (way === 'raw' || way === 'raw-awaited') {
    const work = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports['work'] as (n: number) => number;
    return {
      measure: (forMs) => perCall(forMs, way === 'raw' ? sync(work) : awaited(async (n) => work(n))),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const { createSandbox } = await entries.sandtune();
  const where = way === 'worker' ? { threads: 2 } : { tier: 'thread' as const };
  const sandbox = await createSandbox({ guests: { guest: { module: bytes } }, measure, ...where });
  const work = sandbox.function('guest.work');
  // Somebody looks at the windows, as a tuner would.
  const window = sandbox.openWindow();
  const ways = {
    sync: sync(work.sync as (n: number) => unknown),
    awaited: awaited(work as (n: number) => Promise<unknown>),
    worker: flying(work as (n: number) => Promise<unknown>),
  };
  return {
    measure: async (forMs) => {
      const numbers = await perCall(forMs, ways[way]);
      window.cut();
      return numbers;
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

type Stretch = () => void | Promise<void>;

function sync(work: (n: number) => unknown): Stretch {
  const expected = expectedWork(1);
  return () => {
    for (let call = 0; call < stretch; call++) if (work(1) !== expected) throw new Error('a wrong result');
  };
}

function awaited(work: (n: number) => Promise<unknown>): Stretch {
  const expected = expectedWork(1);
  return async () => {
    for (let call = 0; call < stretch; call++) if ((await work(1)) !== expected) throw new Error('a wrong result');
  };
}

function flying(work: (n: number) => Promise<unknown>): Stretch {
  const expected = expectedWork(1);
  return async () => {
    const loop = async () => {
      for (let call = 0; call < stretch / inFlight; call++)
        if ((await work(1)) !== expected) throw new Error('a wrong result');
    };
    await Promise.all(Array.from({ length: inFlight }, loop));
  };
}

/** CPU time of this thread, which other programs of the machine do not add to. */
async function perCall(forMs: number, run: Stretch): Promise<Numbers> {
  const startUs = threadCpuUs();
  let calls = 0;
  do {
    // Without a turn of the event loop between them, where none is needed.
    const running = run();
    if (running) await running;
    calls += stretch;
  } while (threadCpuUs() - startUs < 1000 * forMs);
  return { 'cpu-ns-per-call': (1000 * (threadCpuUs() - startUs)) / calls };
}

function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
