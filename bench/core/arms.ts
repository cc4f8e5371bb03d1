/** Every way of reaching the guest, behind one signature. */
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Entries } from '../arms/entries.ts';
import type { OpenArm } from '../compare.ts';
import { type ClosedLoop, runLoad } from './load.ts';

/** How an arm is opened: plain data. */
export type ArmSpec =
  | { readonly kind: 'sandbox'; readonly threads: number; readonly batchSize: number; readonly measure: boolean }
  | { readonly kind: 'piscina'; readonly threads: number }
  | { readonly kind: 'batched-piscina'; readonly threads: number; readonly batchSize: number }
  | { readonly kind: 'post-message'; readonly threads: number }
  | { readonly kind: 'wrapped-piscina'; readonly threads: number }
  | { readonly kind: 'function' }
  | { readonly kind: 'wrapped-function' };

interface Arm {
  readonly call: (turns: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

type Bytes = Uint8Array<ArrayBuffer>;

export interface CoreSpec {
  readonly arm: ArmSpec;
  readonly load: ClosedLoop;
  readonly bytes: Bytes;
}

export async function openArm({ arm, load, bytes }: CoreSpec, entries: Entries): Promise<OpenArm> {
  const { call, close } = await armOf(arm, bytes, entries);
  return { measure: (forMs) => runLoad(call, load, forMs), [Symbol.asyncDispose]: close };
}

async function armOf(spec: ArmSpec, bytes: Bytes, entries: Entries): Promise<Arm> {
  switch (spec.kind) {
    case 'sandbox':
      return sandboxArm(spec, bytes, entries);
    case 'piscina':
      return piscinaArm(poolOf('one', spec.threads, bytes));
    case 'batched-piscina':
      return batchedPiscinaArm(poolOf('many', spec.threads, bytes), spec.batchSize);
    case 'post-message':
      return postMessageArm(spec.threads, bytes);
    case 'wrapped-piscina': {
      const { wrap } = await entries.sandtune();
      const pool = wrap<number, number>(poolOf('one', spec.threads, bytes));
      return { call: (turns) => pool.run(turns), close: () => pool.close() };
    }
    case 'function':
      return { call: guestFunction(bytes), close: () => Promise.resolve() };
    case 'wrapped-function': {
      const { wrap } = await entries.sandtune();
      const wrapped = wrap<number, number>(guestFunction(bytes));
      return { call: (turns) => wrapped.run(turns), close: () => wrapped.close() };
    }
  }
}

const workerFile = new URL('./peer-worker.ts', import.meta.url).href;

async function sandboxArm(
  { threads, batchSize, measure }: Extract<ArmSpec, { kind: 'sandbox' }>,
  bytes: Bytes,
  entries: Entries,
): Promise<Arm> {
  const { createSandbox } = await entries.sandtune();
  const sandbox = await createSandbox({
    guests: { guest: { module: bytes } },
    threads,
    maxThreads: Math.max(4, threads),
    batchSize,
    measure,
  });
  const work = sandbox.function('guest.work');
  return { call: (turns) => work(turns) as Promise<number>, close: () => sandbox.close() };
}

function poolOf(name: 'one' | 'many', threads: number, bytes: Bytes): Piscina {
  return new Piscina({
    filename: workerFile,
    name,
    minThreads: threads,
    maxThreads: threads,
    workerData: { bytes },
  });
}

function piscinaArm(pool: Piscina): Arm {
  return { call: (turns) => pool.run(turns) as Promise<number>, close: () => pool.close() };
}

/** piscina with calls gathered by hand: what a careful user writes before reaching for a library. */
function batchedPiscinaArm(pool: Piscina, batchSize: number): Arm {
  let waiting: {
    readonly n: number;
    readonly resolve: (value: number) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    pool.run(batch.map((one) => one.n)).then(
      (results: number[]) => batch.forEach((one, index) => one.resolve(results[index] ?? Number.NaN)),
      (error: unknown) => batch.forEach((one) => one.reject(error)),
    );
  };
  return {
    call: (n) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ n, resolve, reject }) === batchSize) flush();
        else if (waiting.length === 1) setImmediate(() => waiting.length > 0 && flush());
      }),
    close: () => pool.close(),
  };
}

function postMessageArm(threads: number, bytes: Bytes): Arm {
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL(workerFile), { workerData: { bytes, raw: true } }),
  );
  const pending = new Map<number, (value: number) => void>();
  let next = 0;
  for (const worker of workers) {
    worker.on('message', ([id, result]: readonly [number, number]) => {
      pending.get(id)?.(result);
      pending.delete(id);
    });
  }
  return {
    call: (n) =>
      new Promise((resolve) => {
        const id = next++;
        pending.set(id, resolve);
        workers[id % workers.length]?.postMessage([id, n]);
      }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** The guest in the caller's own thread. */
function guestFunction(bytes: Bytes): (turns: number) => Promise<number> {
  const work = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports['work'] as (turns: number) => number;
  return (turns) => Promise.resolve(work(turns));
}
