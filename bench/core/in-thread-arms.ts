/** Ways of calling the guest in the thread of the caller, and what each takes of its CPU time. */
import { resolveSurroundings } from '../../src/foundation/surroundings.ts';
import { Execution } from '../../src/measure/call.ts';
import { Recorder } from '../../src/measure/recorder.ts';
import type { Entries } from '../arms/entries.ts';
import type { Numbers, OpenArm } from '../compare.ts';
import { expectedWork } from './guest.ts';

export interface InThreadSpec {
  /** `books`: nothing but what is entered of a call that has a token; `promise`: nothing but the promise of one. */
  readonly way: 'raw' | 'raw-awaited' | 'sync' | 'awaited' | 'worker' | 'books' | 'promise' | 'otel-histogram';
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
  if (way === 'books') return booksArm(measure);
  if (way === 'otel-histogram') return otelHistogramArm();
  if (way === 'promise')
    return {
      measure: (forMs) => perCall(forMs, promises),
      [Symbol.asyncDispose]: async () => {},
    };
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

function booksArm(measure: boolean): OpenArm {
  const gauges = { workers: () => 1, guestBytes: () => 0 };
  const recorder = new Recorder({ surroundings: resolveSurroundings(), name: 'bench', settings: {}, gauges });
  if (!measure) recorder.books.countOnly();
  const series = recorder.series('work');
  const window = recorder.openWindow();
  const ran = new Execution();
  // As over shared memory: it goes out when it is offered, and answers are read sixteen at a moment.
  const settle = () => {
    for (let call = 0; call < stretch; call++) {
      const token = recorder.offer<number>(series);
      token.dispatchedAt(token.offeredMs);
      if (call % 16 === 0) ran.answeredMs = recorder.clock.now();
      ran.beganMs = token.offeredMs;
      ran.endedMs = token.offeredMs;
      token.ok(call, ran);
    }
  };
  return {
    measure: async (forMs) => {
      const numbers = await perCall(forMs, settle);
      if (window.cut().outcomes.ok < stretch) throw new Error('calls that were not counted');
      return numbers;
    },
    [Symbol.asyncDispose]: async () => window[Symbol.dispose](),
  };
}

async function otelHistogramArm(): Promise<OpenArm> {
  const { openOtelHistogram } = await import('./otel-histogram.ts');
  const { record, close } = openOtelHistogram();
  const stretchOf = () => {
    for (let call = 0; call < stretch; call++) record(call * 1e-9);
  };
  return { measure: (forMs) => perCall(forMs, stretchOf), [Symbol.asyncDispose]: close };
}

let last: Promise<number> | undefined;

function promises(): void {
  for (let call = 0; call < stretch; call++) {
    let settle!: (value: number) => void;
    last = new Promise<number>((resolve) => {
      settle = resolve;
    });
    settle(call);
  }
  if (last === undefined) throw new Error('no promise was made');
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
