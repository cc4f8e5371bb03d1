/** What the pools of these promises run: each input says what to do. */
import { countedIn } from './most-at-once.ts';

/** Keeps Node from aborting the process where a worker is ended while it loads this file: see fault-worker.ts. */
export const __esModule = true;

export interface Asked {
  readonly echo?: unknown;
  /** Busy this long. */
  readonly spinMs?: number;
  /** Asleep this long, the worker too: takes no CPU. */
  readonly napMs?: number;
  readonly fail?: string;
  /** Counts itself in while it runs, and keeps the most that ever ran at once. */
  readonly shared?: SharedArrayBuffer;
}

export default function work({ echo, spinMs = 0, napMs = 0, fail, shared }: Asked): unknown {
  if (fail !== undefined) throw new RangeError(fail);
  const countOut = countedIn(shared);
  const until = performance.now() + spinMs;
  while (performance.now() < until);
  if (napMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, napMs);
  countOut();
  return echo;
}

export function shout({ echo }: Asked): string {
  return String(echo).toUpperCase();
}

/** Its work begins when it is read, which nobody does. */
export function* numbers(): Generator<number> {
  yield 1;
}
