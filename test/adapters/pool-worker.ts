/** What the pools of these tests run: works for a while, throws, or dies, as the input says. */
import { threadId, workerData } from 'node:worker_threads';
import { countedIn } from '../../bench/accept/wrap/most-at-once.ts';

/** Keeps Node from aborting the process where a worker is ended while it loads this file: see bench/accept/wrap/fault-worker.ts. */
export const __esModule = true;

export interface PoolInput {
  readonly echo?: unknown;
  /** Busy this long. */
  readonly spinMs?: number;
  /** Asleep this long, the worker too: takes no CPU. */
  readonly napMs?: number;
  readonly fail?: string;
  readonly exit?: boolean;
  /** Counts itself in while it runs, and reports the most that ever ran at once. */
  readonly shared?: SharedArrayBuffer;
}

export interface PoolOutput {
  readonly echo: unknown;
  readonly threadId: number;
}

/** Where the pool hands one out, counts how often work() was called. */
const runs = workerData instanceof SharedArrayBuffer ? new Int32Array(workerData) : undefined;

export default function work(input: PoolInput): PoolOutput {
  if (runs) Atomics.add(runs, 0, 1);
  const { echo, spinMs = 0, napMs = 0, fail, exit, shared } = input;
  if (exit) process.exit(3);
  if (fail !== undefined) throw new RangeError(fail);
  const countOut = countedIn(shared);
  const until = performance.now() + spinMs;
  while (performance.now() < until);
  if (napMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, napMs);
  countOut();
  return { echo, threadId };
}

/** Waits for a timer, and the worker for nothing else. */
export function later({ napMs = 0 }: PoolInput): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, napMs));
}

export function shout({ echo }: PoolInput): string {
  return String(echo).toUpperCase();
}
