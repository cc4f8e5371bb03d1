import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import type { Dying } from '../../bench/accept/wrap/dying-worker.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { tune } from '../../tuner/tune.ts';
import { entryOf, isRecord } from '../support/tuned-world.ts';
import { until } from './pools.ts';

const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => {
  warned.mockClear();
});
const said = () => warned.mock.calls.map(([text]) => String(text));

const expert = { windowMs: 50, minCompletions: 2, baselineWindows: 6, noisePairs: 0, overheadPairs: 0 };
const options: TuneOptions = { mode: 'auto', stateDir: ':memory:', subjectTo: ['errors < 50%'], expert };

describe.each(copies)('a pool of $name that is closed past its wrap', { timeout: 60_000 }, ({ Piscina, major }) => {
  function built(more: object = {}) {
    const filename = new URL('../../bench/accept/wrap/dying-worker.ts', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 2, ...more });
    onTestFinished(() => pool.destroy());
    return pool;
  }

  /** Calls of the wrap until one fails, the test is over, or what it gives is called. */
  function keepsCalling(executor: { run(input: Dying): Promise<unknown> }): () => void {
    let isOver = false;
    const stop = () => {
      isOver = true;
    };
    onTestFinished(stop);
    void (async () => {
      while (!isOver) await executor.run({ napMs: 2 });
    })().catch(() => undefined);
    return stop;
  }

  it.each(['close', 'destroy'] as const)(
    `a trial on a pool of piscina ${major} ends with the pool's %s(), which a warning says once, and stop() has no failure`,
    async (ends) => {
      const pool = built();
      const executor = wrap<Dying, unknown>(pool, { concurrency: { value: 2, max: 8 } });
      const tuner = tune(executor, options);
      onTestFinished(() => tuner.stop().catch(() => undefined));
      const stopCalling = keepsCalling(executor);
      const proposed = tuner.propose({ concurrency: 4 });
      await entryOf(tuner, isRecord('pair'));
      // A call that came after it would begin the pool anew.
      stopCalling();
      await pool[ends]();
      expect(await proposed).toMatchObject({ decision: 'revert', trigger: 'closed' });
      await vi.waitFor(() => expect(tuner.mode).toBe('off'), 10_000);
      expect(tuner.history.ended).toBe('closed');
      await tuner.stop();
      expect(said()).toEqual([expect.stringMatching(/the tuning of '.*' has ended: the executor was closed/)]);
      expect(() => executor.openWindow()).toThrow(/was closed/);
    },
  );

  it(`observing a pool of piscina ${major} ends with its destroy(), and executor.close() goes on as before`, async () => {
    const pool = built();
    const executor = wrap<Dying, unknown>(pool);
    const tuner = tune(executor, { ...options, mode: 'observe' });
    await executor.run({});
    await pool.destroy();
    await vi.waitFor(() => expect(tuner.history.ended).toBe('closed'), 10_000);
    await tuner.stop();
    await executor.close();
    expect(said()).toHaveLength(1);
  });

  it(`a destroyed pool of piscina ${major} that is called again is measured again`, async () => {
    const pool = built();
    const executor = wrap<Dying, unknown>(pool);
    await executor.run({});
    await pool.destroy();
    await vi.waitFor(() => expect(() => executor.openWindow()).toThrow(/was closed/));
    expect(await executor.run({ echo: 'again' })).toBe('again');
    using window = executor.openWindow();
    await executor.run({});
    expect(window.cut().outcomes.ok).toBe(1);
  });

  it(`a pool of piscina ${major} that need not have a thread and idles without one is not taken for a closed one, and is after its close()`, async () => {
    const pool = built({ minThreads: 0, idleTimeout: 1 });
    const executor = wrap<Dying, unknown>(pool);
    await executor.run({});
    await until(() => pool.threads.length === 0);
    using window = executor.openWindow();
    window.cut();
    await pool.close();
    expect(() => executor.openWindow()).toThrow(/was closed/);
  });

  it(`a pool of piscina ${major} whose only worker has died, whatever of, is not taken for a closed one`, async () => {
    const pool = built({ minThreads: 1, maxThreads: 1 });
    const executor = wrap<Dying, unknown>(pool);
    for (const dies of ['exit', 'exit 0', 'throw'] as const) {
      await executor.run({ dies }).catch(() => undefined);
      executor.openWindow()[Symbol.dispose]();
    }
  });

  it.each(['throw new Error("no")', 'process.exit(0)'])(
    `a pool of piscina ${major} none of whose workers comes up (%s) is not taken for a closed one`,
    async (does) => {
      const pool = built({ execArgv: [`--import=data:text/javascript,${does}`], minThreads: 1, maxThreads: 1 });
      pool.on('error', () => {});
      const executor = wrap<Dying, unknown>(pool);
      await until(() => pool.threads.length === 0);
      executor.openWindow()[Symbol.dispose]();
    },
  );
});
