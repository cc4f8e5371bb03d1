/** The pools that people use, each at its own published settings for small calls: a fixed number of threads, all warm. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { wrap } from 'comlink';
import { Worker as JestWorker } from 'jest-worker';
import { FixedThreadPool } from 'poolifier';
import Tinypool from 'tinypool';
import workerpool from 'workerpool';
import { systemTimers } from '../../../../src/foundation/clock.ts';
import type { Answer, Bytes, Request } from '../request.ts';
import { endpointOf } from './comlink-endpoint.ts';

export type PoolName = 'tinypool' | 'jest-worker' | 'workerpool' | 'poolifier' | 'comlink';

const mostCloseMs = 1000;

interface OpenPool {
  readonly call: (request: Request) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export async function openPool(name: PoolName, threads: number, bytes: Bytes): Promise<OpenPool> {
  const workerData = { bytes };
  switch (name) {
    case 'tinypool': {
      const pool = new Tinypool({
        filename: new URL('./tinypool-worker.ts', import.meta.url).href,
        name: 'work',
        minThreads: threads,
        maxThreads: threads,
        workerData,
      });
      return { call: (request) => pool.run(request) as Promise<Answer>, close: () => pool.destroy() };
    }
    case 'jest-worker': {
      const pool = new JestWorker(fileOf('./jest-worker.ts'), {
        numWorkers: threads,
        enableWorkerThreads: true,
        exposedMethods: ['work'],
        setupArgs: [bytes],
      }) as JestWorker & { work(request: Request): Promise<Answer> };
      return { call: (request) => pool.work(request), close: async () => void (await pool.end()) };
    }
    case 'workerpool': {
      const pool = workerpool.pool(fileOf('./workerpool-worker.ts'), {
        workerType: 'thread',
        minWorkers: threads,
        maxWorkers: threads,
        workerThreadOpts: { workerData },
      });
      const proxy = await pool.proxy<{ work(request: Request): Answer }>();
      return { call: (request) => proxy.work(request) as unknown as Promise<Answer>, close: () => pool.terminate() };
    }
    case 'poolifier': {
      const pool = new FixedThreadPool<Request, Answer>(threads, fileOf('./poolifier-worker.ts'), {
        workerOptions: { workerData },
        enableTasksQueue: false,
      });
      return {
        call: (request) => pool.execute(request), // Its destroy() sometimes waits for ever for a worker that has nothing more to say (5.3.2).
        close: () => Promise.race([pool.destroy(), systemTimers.sleep(mostCloseMs)]),
      };
    }
    case 'comlink': {
      const url = new URL('./comlink-worker.ts', import.meta.url);
      const workers = Array.from({ length: threads }, () => new Worker(url, { workerData }));
      const calls = workers.map((worker) => wrap<(request: Request) => Answer>(endpointOf(worker)));
      let next = 0;
      return {
        call: (request) => (calls[next++ % threads] as (request: Request) => Promise<Answer>)(request),
        close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
      };
    }
  }
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
