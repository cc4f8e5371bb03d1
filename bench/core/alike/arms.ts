/** Ways of reaching the guest whose calls carry what ours do. */
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Entries } from '../../arms/entries.ts';
import type { OpenArm } from '../../compare.ts';
import { bareCopiesArm } from './bare-copies.ts';
import { bareRingArm } from './bare-ring.ts';
import { type AlikeArm, type AlikeLoad, runAlike } from './load.ts';
import type { PoolName } from './pools/open-pool.ts';
import { type Answer, type Bytes, deadlineMs, type Request, Requests } from './request.ts';
import { intoArm, leaseArm, plainArm } from './ring-calls.ts';

/** How an arm is opened: plain data. */
export type AlikeSpec =
  | {
      readonly kind: 'ring';
      readonly threads: number;
      readonly spinUs?: number;
      /** Where the bytes of results go. @defaultValue into memory of their own */
      readonly results?: 'into' | 'lease';
      /** Whose its arguments are. @defaultValue 'own' */
      readonly arguments?: 'lent';
    }
  | { readonly kind: PoolName | 'piscina' | 'post-message' | 'transfer'; readonly threads: number }
  | { readonly kind: 'batched-piscina'; readonly threads: number; readonly batchSize: number }
  | { readonly kind: 'in-thread' }
  | { readonly kind: 'bare-copies'; readonly threads: number; readonly results: 'into' | 'lease' }
  | { readonly kind: 'bare-ring'; readonly threads: number; readonly owner: 'piscina' | 'node' };

export interface AlikeArmSpec {
  readonly arm: AlikeSpec;
  readonly load: AlikeLoad;
  readonly bytes: Bytes;
}

export async function openArm({ arm: spec, load, bytes }: AlikeArmSpec, entries: Entries): Promise<OpenArm> {
  const arm = await armOf(spec, bytes, load.bytes, entries);
  const measure = (forMs: number) =>
    runAlike(arm, load, forMs).catch((cause: unknown) => {
      throw new Error(`${spec.kind}: ${(cause as Error).message}`, { cause });
    });
  return { measure, [Symbol.asyncDispose]: () => arm.close() };
}

const workerFile = new URL('./worker.ts', import.meta.url);

export async function armOf(
  spec: AlikeSpec,
  bytes: Bytes,
  /** Of the bytes of a call; undefined where it is of numbers. */
  byteLength: number | undefined,
  entries: Entries,
): Promise<AlikeArm<unknown>> {
  switch (spec.kind) {
    case 'ring':
      return ringArm(spec, bytes, byteLength !== undefined, entries);
    case 'in-thread':
      return inThreadArm(bytes, entries);
    case 'piscina':
      return piscinaArm(spec.threads, bytes);
    case 'batched-piscina':
      return batchedArm(spec.threads, spec.batchSize, bytes);
    case 'post-message':
      return postMessageArm(spec.threads, bytes);
    case 'transfer':
      return transferArm(spec.threads, bytes);
    case 'bare-copies':
      return bareCopiesArm(spec.threads, byteLength as number, spec.results);
    case 'bare-ring':
      return bareRingArm(spec.threads, spec.owner, bytes);
    default: {
      // Loaded where it is measured: the others are no part of any other arm.
      const pool = await (await import('./pools/open-pool.ts')).openPool(spec.kind, spec.threads, bytes);
      return peerArm(pool.call, pool.close);
    }
  }
}

async function ringArm(
  { threads, spinUs, results, arguments: whose }: Extract<AlikeSpec, { kind: 'ring' }>,
  bytes: Bytes,
  ofBytes: boolean,
  entries: Entries,
): Promise<AlikeArm<unknown>> {
  const { createSandbox } = await entries.sandtune();
  const binding = new URL('./binding.ts', import.meta.url);
  const guest = ofBytes
    ? { module: bytes, binding, functions: ['mix', 'flip'], ...(whose && { arguments: whose }) }
    : { module: bytes };
  const sandbox = await createSandbox({
    guests: { guest },
    threads,
    maxThreads: Math.max(4, threads),
    transport: 'ring',
    deadlineMs,
    ...(spinUs !== undefined && { spinUs }),
  });
  const call = sandbox.function(ofBytes ? 'guest.flip' : 'guest.mix');
  const close = () => sandbox.close();
  if (results === 'into') return intoArm(call, close);
  return results === 'lease' ? leaseArm(call, close) : plainArm(call, close);
}

async function inThreadArm(bytes: Bytes, entries: Entries): Promise<AlikeArm<number>> {
  const { createSandbox } = await entries.sandtune();
  const sandbox = await createSandbox({ guests: { guest: { module: bytes } }, tier: 'thread' });
  const call = sandbox.function('guest.mix');
  return {
    call: (_, a, b) => call(a, b) as Promise<number>,
    result: (answer) => answer,
    close: () => sandbox.close(),
  };
}

function peerArm(call: (request: Request) => Promise<Answer>, close: () => Promise<void>): AlikeArm<Answer> {
  const requests = new Requests();
  return {
    call: (name, a, b) => call(requests.next(name, a, b)),
    result: (answer) => requests.result(answer),
    close,
  };
}

function poolOf(name: 'one' | 'many', threads: number, bytes: Bytes): Piscina {
  const workerData = { bytes };
  return new Piscina({ filename: workerFile.href, name, minThreads: threads, maxThreads: threads, workerData });
}

function piscinaArm(threads: number, bytes: Bytes): AlikeArm<Answer> {
  const pool = poolOf('one', threads, bytes);
  return peerArm(
    (request) => pool.run(request) as Promise<Answer>,
    () => pool.close(),
  );
}

/** piscina with calls gathered by hand: what a careful user writes before reaching for a library. */
function batchedArm(threads: number, batchSize: number, bytes: Bytes): AlikeArm<Answer> {
  const pool = poolOf('many', threads, bytes);
  let requests: Request[] = [];
  let settlers: { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }[] = [];
  const flush = () => {
    const [sent, waiting] = [requests, settlers];
    requests = [];
    settlers = [];
    pool.run(sent).then(
      (answers: Answer[]) => waiting.forEach((one, index) => one.resolve(answers[index] as Answer)),
      (error: unknown) => waiting.forEach((one) => one.reject(error)),
    );
  };
  const call = (request: Request) =>
    new Promise<Answer>((resolve, reject) => {
      settlers.push({ resolve, reject });
      if (requests.push(request) === batchSize) flush();
      else if (requests.length === 1) setImmediate(() => requests.length > 0 && flush());
    });
  return peerArm(call, () => pool.close());
}

/** Messages whose bytes are cloned. */
function postMessageArm(threads: number, bytes: Bytes): AlikeArm<Answer> {
  const { send, close } = messagesTo(threads, bytes, false);
  return peerArm((request) => send(request, []), close);
}

/** Messages whose bytes change hands, both ways, uncopied: what comes back is what is sent next. */
function transferArm(threads: number, bytes: Bytes): AlikeArm<Answer> {
  const { send, close } = messagesTo(threads, bytes, true);
  const requests = new Requests();
  const free: Bytes[] = [];
  return {
    call: (name, a, b) => {
      const own = free.pop() ?? new Uint8Array(b as Bytes);
      own[0] = (b as Bytes)[0] as number;
      return send(requests.next(name, a, own), [own.buffer]);
    },
    result: (answer) => requests.result(answer),
    done: (answer) => void free.push(answer[1] as Bytes),
    close,
  };
}

function messagesTo(threads: number, bytes: Bytes, transfers: boolean) {
  const workerData = { bytes, raw: true, transfers };
  const workers = Array.from({ length: threads }, () => new Worker(workerFile, { workerData }));
  const pending = new Map<number, (answer: Answer) => void>();
  for (const worker of workers) {
    worker.on('message', (answer: Answer) => {
      pending.get(answer[0])?.(answer);
      pending.delete(answer[0]);
    });
  }
  const send = (request: Request, transferred: ArrayBuffer[]) =>
    new Promise<Answer>((resolve) => {
      pending.set(request[0], resolve);
      (workers[request[0] % threads] as Worker).postMessage(request, transferred);
    });
  return { send, close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))) };
}
