/** Every way of reaching the guest in another thread, behind one signature. */
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { createSandbox } from '../../src/index.ts';

export interface ArmOptions {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly threads: number;
}

export interface Arm {
  readonly name: string;
  readonly call: (n: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

const workerFile = new URL(import.meta.url.endsWith('.ts') ? './peer-worker.ts' : './peer-worker.js', import.meta.url)
  .href;

export async function sandboxArm({ bytes, threads }: ArmOptions, batchSize: number, measure = true): Promise<Arm> {
  const sandbox = await createSandbox({
    guests: { guest: { module: bytes } },
    threads,
    maxThreads: Math.max(4, threads),
    batchSize,
    measure,
  });
  const work = sandbox.function('guest.work');
  return {
    name: `sandtune, batch ${batchSize}${measure ? '' : ', not measuring'}`,
    call: (n) => work(n) as Promise<number>,
    close: () => sandbox.close(),
  };
}

export function piscinaArm({ bytes, threads }: ArmOptions): Arm {
  const pool = new Piscina({
    filename: workerFile,
    name: 'one',
    minThreads: threads,
    maxThreads: threads,
    workerData: { bytes },
  });
  return { name: 'piscina run()', call: (n) => pool.run(n) as Promise<number>, close: () => pool.close() };
}

/** piscina with calls gathered by hand: what a careful user writes before reaching for a library. */
export function batchedPiscinaArm({ bytes, threads }: ArmOptions, batchSize: number): Arm {
  const pool = new Piscina({
    filename: workerFile,
    name: 'many',
    minThreads: threads,
    maxThreads: threads,
    workerData: { bytes },
  });
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
    name: `piscina run(), ${batchSize} a task`,
    call: (n) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ n, resolve, reject }) === batchSize) flush();
        else if (waiting.length === 1) setImmediate(() => waiting.length > 0 && flush());
      }),
    close: () => pool.close(),
  };
}

export function rawArm({ bytes, threads }: ArmOptions): Arm {
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
    name: 'raw postMessage',
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
