/** What pools run where workers end under their calls: naps, or lets its worker end, as the input says. */
import { systemTimers } from '../../../src/foundation/clock.ts';

/** Keeps Node from aborting the process where a worker is ended while it loads this file: see fault-worker.ts. */
export const __esModule = true;

export interface Dying {
  readonly echo?: unknown;
  readonly napMs?: number;
  readonly dies?: 'exit' | 'exit 0' | 'throw' | 'reject' | 'memory' | 'answer';
  /** Thrown, not died of. */
  readonly fail?: string;
  /** Counts the runs of calls that say so. */
  readonly runs?: SharedArrayBuffer;
}

const deaths = {
  exit: () => process.exit(3),
  'exit 0': () => process.exit(0),
  throw: () => {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  },
  reject: () => void Promise.reject(new Error('nobody awaits this')),
  memory: () => {
    const held: unknown[] = [];
    for (;;) held.push(Array.from({ length: 1e5 }, () => ({})));
  },
  answer: () => {},
};

export default async function work({ echo, napMs = 0, dies, fail, runs }: Dying): Promise<unknown> {
  if (runs) Atomics.add(new Int32Array(runs), 0, 1);
  if (fail !== undefined) throw new Error(fail);
  if (napMs > 0) await systemTimers.sleep(napMs, { keepAlive: true });
  if (dies) {
    deaths[dies]();
    // A result that cannot be sent is one more death.
    if (dies === 'answer') return () => 1;
    await systemTimers.sleep(60_000, { keepAlive: true });
  }
  return echo;
}
