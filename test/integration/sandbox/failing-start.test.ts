import { describe, expect, it, onTestFinished } from 'vitest';
import type { Knob } from '../../../src/contracts.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { books, epochOf, errorOf, openSandbox, probe } from './guests.ts';

/** Starts that end without an error count little, so time must run out for them: these tests make it. */
let aheadMs = 0;
const clock = { now: () => systemClock.now() + aheadMs, timeOrigin: systemClock.timeOrigin };

/** A sandbox that is up, and whose workers no longer start from now on. */
async function openFailing(how: 'throw' | 'exit', options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const guest = {
    ...probe,
    binding: new URL('./ending-binding.ts', import.meta.url),
    functions: ['exit', 'wait'],
  };
  const sandbox = await openSandbox({
    guests: { guest },
    threads: 1,
    maxThreads: 4,
    workerUrl: new URL('./late-start-worker.ts', import.meta.url),
    surroundings: { clock },
    ...options,
  });
  process.env['SANDTUNE_TEST_START'] = how;
  onTestFinished(() => {
    delete process.env['SANDTUNE_TEST_START'];
    aheadMs = 0;
  });
  return sandbox;
}

function knobOf(sandbox: Sandbox, id: string): Knob<number> {
  return sandbox.knobs.find((knob) => knob.id === id) as Knob<number>;
}

/** Moves time on once `count` workers were started and ended. */
async function passTimeAfter(count: number): Promise<void> {
  let ended = 0;
  const follow = (worker: import('node:worker_threads').Worker) => {
    worker.once('exit', () => {
      if (++ended === count) aheadMs = 60_000;
    });
  };
  process.on('worker', follow);
  onTestFinished(() => void process.off('worker', follow));
}

describe('workers that no longer start', () => {
  it('where workers no longer start, calls that wait for them are lost one after the other, and close() ends', async () => {
    const sandbox = await openFailing('throw');
    await errorOf(sandbox.function('exit')());
    for (let round = 0; round < 2; round++) {
      expect(await errorOf(sandbox.function('wait')(1))).toMatchObject({
        code: 'ERR_SANDTUNE_WORKER_LOST',
        outcome: 'lost',
        stage: 'queue',
        cause: { message: 'this worker fails late' },
      });
    }
    expect(books(sandbox)).toEqual({ offered: 3, settled: 3, inFlight: 0 });
    await sandbox.close();
  });

  it('workers that only end while starting, without an error, are given up after too long', async () => {
    const sandbox = await openFailing('exit');
    await passTimeAfter(3);
    await errorOf(sandbox.function('exit')());
    expect(await errorOf(sandbox.function('wait')(1))).toMatchObject({
      outcome: 'lost',
      stage: 'queue',
      cause: { message: expect.stringContaining('exit code 4') },
    });
    await sandbox.close();
  });

  it('workers that failed to start serve again once they can start', async () => {
    const sandbox = await openFailing('throw');
    await errorOf(sandbox.function('exit')());
    await errorOf(sandbox.function('wait')(1));
    delete process.env['SANDTUNE_TEST_START'];
    expect(await sandbox.function('wait')(1)).toBe('timed-out');
  });

  it('a knob that needs workers refuses when none can start, and changes nothing', async () => {
    const sandbox = await openFailing('throw');
    const threads = knobOf(sandbox, 'threads');
    const epoch = epochOf(sandbox);
    expect(await errorOf(threads.apply(2))).toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    expect(await errorOf(threads.keepWarm(1, 3))).toMatchObject({
      message: expect.stringContaining('this worker fails late'),
    });
    expect(threads.read()).toEqual({ requested: 1, effective: 1 });
    expect(epochOf(sandbox)).toBe(epoch);
    delete process.env['SANDTUNE_TEST_START'];
    // What could not be kept warm is not kept: a second worker is all that is started.
    using window = sandbox.openWindow();
    await threads.apply(2);
    expect(window.cut().work.workerStarts).toBe(1);
  });
});
