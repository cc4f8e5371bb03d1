import { expect, it } from 'vitest';
import { systemClock, type Timers } from '../../../src/foundation/clock.ts';
import { WorkerPool } from '../../../src/sandbox/run/pool.ts';

it('a pause between starts that fail ends with its pool, so that it keeps no process alive', async () => {
  let pause: Promise<void> | undefined;
  const timers: Timers = {
    sleep: (_, { signal } = {}) => {
      pause = new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('ended')));
      });
      return pause;
    },
  };
  const pool = new WorkerPool({
    workerUrl: new URL('file:///no/such/worker.js'),
    setup: {} as never,
    threads: 1,
    servesRings: false,
    maxThreads: 1,
    clock: systemClock,
    timers,
    events: { ready() {}, gone() {}, broken() {}, wanted: () => true },
  });
  while (!pause) await new Promise((resolve) => setImmediate(resolve));
  await pool.destroy();
  await expect(pause).rejects.toThrow('ended');
});
