/** What the pools of these promises run: each input says what to do. */

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
  return echo;
}

export function shout({ echo }: Asked): string {
  return String(echo).toUpperCase();
}
