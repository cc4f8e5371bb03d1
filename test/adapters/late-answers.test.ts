import { describe, expect, it, onTestFinished } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { until } from './pools.ts';

describe.each(copies)('an answer that $name finds when its call has ended', ({ Piscina, major }) => {
  /** A wrapped pool, and the `error` events that it emits, with whether they were thrown back at it. */
  async function watched() {
    const filename = new URL('./result-worker.ts', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
    onTestFinished(() => pool.destroy());
    const errors: { readonly error: Error; readonly isThrown: boolean }[] = [];
    const emitter = pool as unknown as { emit(event: string, ...about: unknown[]): boolean };
    const emit = emitter.emit.bind(pool);
    emitter.emit = (event, ...about) => {
      let isThrown = false;
      try {
        return emit(event, ...about);
      } catch {
        isThrown = true;
        return true;
      } finally {
        if (event === 'error') errors.push({ error: about[0] as Error, isThrown });
      }
    };
    const wrapped = wrap<unknown, unknown>(pool);
    await wrapped.run(0);
    return { pool, wrapped, errors, emit: emitter.emit };
  }

  it(`an abort in the turn in which the answer comes is no error that nobody catches (piscina ${major})`, async () => {
    const { pool, wrapped, errors, emit } = await watched();
    const told = new Int32Array(new SharedArrayBuffer(8));
    const stop = new AbortController();
    const call = wrapped.run(told, { name: 'whenTold', signal: stop.signal });
    getAnswer(told);
    stop.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.listenerCount('error')).toBe(1);
    emit('error', new Error('another'));
    expect(errors.pop()).toMatchObject({ error: { message: 'another' }, isThrown: true });
    await until(() => pool.listenerCount('error') === 0);
    expect(errors).toMatchObject([
      { error: { message: expect.stringContaining('Unexpected message') }, isThrown: false },
    ]);
  });

  it(`a call that overran has its answer read before its worker would be ended, which lives on (piscina ${major})`, async () => {
    const { pool, wrapped, errors } = await watched();
    const [worker] = pool.threads;
    const told = new Int32Array(new SharedArrayBuffer(8));
    await beforeTimers();
    const call = wrapped.run(told, { name: 'whenTold', deadlineMs: 5 });
    getAnswer(told);
    await expect(call).rejects.toMatchObject({ outcome: 'timeout' });
    expect(await wrapped.run(1)).toBe(1);
    expect(pool.threads[0]).toBe(worker);
    expect(errors).toEqual([]);
  });
});

/** Resolves where timers come next, and only then what workers have sent. */
function beforeTimers(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Returns when the worker has answered, without having read what it sent. */
function getAnswer(told: Int32Array): void {
  Atomics.store(told, 0, 1);
  Atomics.notify(told, 0);
  while (Atomics.load(told, 1) === 0);
  busy(20);
}

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
