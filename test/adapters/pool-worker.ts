/** What the pools of these tests run: works for a while, throws, or dies, as the input says. */
import { threadId, workerData } from 'node:worker_threads';

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
  const counts = shared && new Int32Array(shared);
  if (counts) {
    const now = Atomics.add(counts, 0, 1) + 1;
    let most = Atomics.load(counts, 1);
    while (now > most) most = Atomics.compareExchange(counts, 1, most, now) === most ? now : Atomics.load(counts, 1);
  }
  const until = performance.now() + spinMs;
  while (performance.now() < until);
  if (napMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, napMs);
  if (counts) Atomics.sub(counts, 0, 1);
  return { echo, threadId };
}

export function shout({ echo }: PoolInput): string {
  return String(echo).toUpperCase();
}
