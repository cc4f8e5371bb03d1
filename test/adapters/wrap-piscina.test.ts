import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PiscinaOptions } from '../../src/adapters/piscina/wrap-piscina.ts';
import { wrapPiscina } from '../../src/adapters/piscina/wrap-piscina.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { PoolInput, PoolOutput } from './pool-worker.ts';
import { accountOf, apply, busyFractionOf, knobOf, reachesConcurrency, workerFile } from './pools.ts';

const open: { close(): Promise<void> }[] = [];
function build(piscina: PiscinaOptions = {}, options?: Parameters<typeof wrapPiscina>[1]) {
  const wrapped = wrapPiscina<PoolInput, PoolOutput>(
    { filename: workerFile, minThreads: 1, maxThreads: 2, ...piscina },
    options,
  );
  open.push(wrapped);
  return wrapped;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

describe('wrap({ piscina })', () => {
  it("wrap({ piscina }) builds the pool from piscina's own options", async () => {
    const wrapped = wrap<PoolInput, PoolOutput>({ piscina: { filename: workerFile, maxThreads: 2 } });
    open.push(wrapped);
    expect(await wrapped.run({ echo: 7 })).toMatchObject({ echo: 7 });
    expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['threads', 'callsPerThread', 'idleTimeoutMs']);
    expect(knobOf(wrapped, 'threads')).toMatchObject({ defaultValue: 2, moves: { up: 'live', down: 'live' } });
  });

  it('threads of a built pool go up and down under load, and no call fails', async () => {
    const wrapped = build({ maxThreads: 2 });
    const stop = { now: false };
    const load = Promise.all(
      Array.from({ length: 16 }, async () => {
        while (!stop.now) await wrapped.run({ napMs: 1 });
      }),
    );
    for (const threads of [4, 1, 3, 2, 1]) {
      await apply(wrapped, 'threads', threads);
      // Calls that are out keep their worker: drain before looking.
      await Promise.all(Array.from({ length: 16 }, () => wrapped.run({})));
      const shared = new SharedArrayBuffer(8);
      await Promise.all(Array.from({ length: 24 }, () => wrapped.run({ napMs: 2, shared })));
      expect(new Int32Array(shared)[1]).toBeLessThanOrEqual(threads);
      expect(knobOf(wrapped, 'threads').read()).toEqual({ requested: threads, effective: threads });
    }
    stop.now = true;
    await load;
    await reachesConcurrency(wrapped, 1);
    const { offered, outcomes } = accountOf(wrapped);
    expect(outcomes['ok']).toBe(offered);
  });

  it('a built pool gets the number of threads asked for', async () => {
    // Threads that live on: on a busy machine a burst ends before its last thread is up.
    const wrapped = build({ maxThreads: 1, idleTimeout: 60_000 });
    await apply(wrapped, 'threads', 4);
    await reachesConcurrency(wrapped, 4);
  });

  it('a built pool starts the threads a trial needs at once, keeps them through flips, and ends them after it', async () => {
    const wrapped = build({ minThreads: 1, maxThreads: 1 });
    await wrapped.run({});
    expect(startsOf(wrapped)).toBe(0);
    using window = wrapped.openWindow();
    const warm = await knobOf(wrapped, 'threads').keepWarm(1, 4);
    expect(startsOf(wrapped)).toBe(3);
    for (const threads of [4, 1, 4, 1]) {
      await apply(wrapped, 'threads', threads);
      await reachesConcurrency(wrapped, threads);
    }
    expect(window.cut().work.workerStarts).toBe(3);
    await warm[Symbol.asyncDispose]();
    await apply(wrapped, 'threads', 4);
    await apply(wrapped, 'threads', 1);
    await reachesConcurrency(wrapped, 1);
  });

  it('a built pool keeps the threads one trial needs when another, which needs less, begins and ends', async () => {
    const wrapped = build({ minThreads: 1, maxThreads: 1 });
    await wrapped.run({});
    expect(startsOf(wrapped)).toBe(0);
    const knob = knobOf(wrapped, 'threads');
    await using _ = await knob.keepWarm(1, 3);
    expect(startsOf(wrapped)).toBe(2);
    const less = await knob.keepWarm(1, 2);
    await less[Symbol.asyncDispose]();
    await apply(wrapped, 'threads', 3);
    await reachesConcurrency(wrapped, 3);
    expect(startsOf(wrapped)).toBe(2);
  });

  it('the busy fraction of a built pool is over the threads in use, not those a trial reserves', async () => {
    const wrapped = build({ minThreads: 1, maxThreads: 1 });
    await using _ = await knobOf(wrapped, 'threads').keepWarm(1, 4);
    await apply(wrapped, 'threads', 1);
    expect(await busyFractionOf(wrapped)).toBeGreaterThan(0.5);
    await apply(wrapped, 'threads', 4);
    expect(await busyFractionOf(wrapped)).toBeLessThanOrEqual(0.25);
  });

  it('keepWarm of a built pool waits for the threads that replace those on their way out', async () => {
    const wrapped = build({ minThreads: 4, maxThreads: 4 });
    await reachesConcurrency(wrapped, 4);
    expect(startsOf(wrapped)).toBe(0);
    await apply(wrapped, 'threads', 1);
    await using _ = await knobOf(wrapped, 'threads').keepWarm(1, 4);
    expect(startsOf(wrapped)).toBe(3);
  });

  it('a built pool starts no thread for a trial once it is closed', async () => {
    const wrapped = build({ minThreads: 1, maxThreads: 1 });
    await wrapped.run({});
    await wrapped.close();
    const started: unknown[] = [];
    const note = (worker: unknown) => void started.push(worker);
    process.on('worker', note);
    await expect(knobOf(wrapped, 'threads').keepWarm(1, 4)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('worker', note);
    expect(started).toEqual([]);
  });

  it('a built pool ends surplus threads, also idle ones', async () => {
    const wrapped = build({ minThreads: 4, maxThreads: 4 });
    await reachesConcurrency(wrapped, 4);
    expect(startsOf(wrapped)).toBe(0);
    await apply(wrapped, 'threads', 1);
    await apply(wrapped, 'threads', 4);
    await reachesConcurrency(wrapped, 4);
    // What is there again must have been started again.
    expect(startsOf(wrapped)).toBe(3);
  });

  it('a built pool gives no call to a thread that was told to end', async () => {
    const wrapped = build({ minThreads: 4, maxThreads: 4 });
    await reachesConcurrency(wrapped, 4);
    for (let flip = 0; flip < 15; flip++) {
      await apply(wrapped, 'threads', 1);
      await apply(wrapped, 'threads', 4);
      await Promise.all(Array.from({ length: 8 }, () => wrapped.run({})));
    }
    expect(accountOf(wrapped).outcomes).toMatchObject({ lost: 0, trap: 0 });
  });

  it('a built pool sends several calls ahead to a worker when callsPerThread says so', async () => {
    const wrapped = build({ minThreads: 1, maxThreads: 1 });
    await wrapped.run({});
    using window = wrapped.openWindow();
    await Promise.all(Array.from({ length: 6 }, () => wrapped.run({ spinMs: 10 })));
    const alone = window.cut();
    await apply(wrapped, 'callsPerThread', 6);
    await Promise.all(Array.from({ length: 6 }, () => wrapped.run({ spinMs: 10 })));
    const ahead = window.cut();
    // Posted ahead, a call waits in the worker, not in the pool.
    expect(alone.wait.maxMs).toBeGreaterThan(40);
    expect(ahead.wait.maxMs).toBeLessThan(alone.wait.maxMs / 2);
  });

  it('wrap({ piscina }) refuses a load balancer of the user and wrong options, and leaves no pool behind', async () => {
    const destroyed = vi.spyOn(Piscina.prototype, 'destroy');
    expect(() => build({ loadBalancer: () => null } as PiscinaOptions)).toThrow(/loadBalancer: expected none/);
    expect(() => build({ maxThreads: 4 }, { maxThreads: 2 })).toThrow(
      /maxThreads: expected an integer of at least 4, got 2/,
    );
    expect(() => build({}, { spans: { sampleEvery: 0 } })).toThrow(/spans.sampleEvery: expected an integer/);
    expect(destroyed).toHaveBeenCalledTimes(2);
    destroyed.mockRestore();
    expect(() => wrapPiscina({ minThreads: 3, maxThreads: 2 })).toThrow(RangeError);
  });
});

describe('wrap({ piscina, Piscina })', () => {
  it("wrap({ piscina, Piscina }) makes the pool of the program's own copy of piscina", async () => {
    class Own extends Piscina {}
    const made = vi.spyOn(Own.prototype, 'run');
    const wrapped = wrap<PoolInput, PoolOutput>({ piscina: { filename: workerFile, maxThreads: 1 }, Piscina: Own });
    open.push(wrapped);
    expect(await wrapped.run({ echo: 7 })).toMatchObject({ echo: 7 });
    expect(made).toHaveBeenCalledOnce();
    expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['threads', 'callsPerThread', 'idleTimeoutMs']);
  });

  it('wrap({ piscina, Piscina }) offers no threads of a piscina that does not tell of its workers, and says why', async () => {
    const { Piscina: Piscina4 } = await import('piscina4');
    const wrapped = wrap<PoolInput, PoolOutput>({ piscina: { filename: workerFile }, Piscina: Piscina4 });
    open.push(wrapped);
    expect(await wrapped.run({ echo: 4 })).toMatchObject({ echo: 4 });
    expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['idleTimeoutMs']);
    expect(wrapped.withheld['threads']).toContain('does not tell of its workers');
  });

  it('a pool of piscina 4 is not taken for another because of an option that piscina 4 does not know', async () => {
    const { Piscina: Piscina4 } = await import('piscina4');
    const options = { filename: workerFile, atomics: 'async', recordTiming: false } as object;
    for (const target of [new Piscina4(options) as never, { piscina: options, Piscina: Piscina4 }]) {
      const wrapped = wrap<PoolInput, PoolOutput>(target);
      open.push(wrapped);
      expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['idleTimeoutMs']);
      expect(wrapped.withheld['threads']).toContain('piscina 5');
    }
  });

  it.each([
    ['no class', 7, 'the class of piscina, got 7'],
    ['another class', class {}, 'the class of piscina, got "one whose pool is none: it has no run()"'],
  ])('wrap({ piscina, Piscina }) refuses %s', (_, Other, message) => {
    expect(() => wrap({ piscina: {}, Piscina: Other as never })).toThrow(`Piscina: expected ${message}`);
  });

  it('wrap({ piscina }) says once which copy the workers would find, where that is another one', async () => {
    const folder = temporaryFolder();
    const copy = join(folder, 'node_modules', 'piscina');
    mkdirSync(copy, { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{ "name": "piscina", "main": "main.js" }');
    writeFileSync(join(copy, 'main.js'), 'exports.Piscina = class Piscina {};');
    const filename = join(folder, 'work.cjs');
    writeFileSync(filename, 'module.exports = () => 1;');
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (const given of [filename, filename, workerFile]) open.push(wrap({ piscina: { filename: given } }));
    expect(warned).toHaveBeenCalledOnce();
    expect(warned.mock.calls[0]?.[0]).toContain(join('node_modules', 'piscina', 'main.js'));
    expect(warned.mock.calls[0]?.[1]).toMatchObject({ code: 'SANDTUNE_PISCINA' });
    warned.mockRestore();
  });
});

/** Worker starts so far, seen through a window of its own. */
const starts = new WeakMap<object, { cut(): { work: { workerStarts: number } }; total: number }>();
function startsOf(wrapped: ReturnType<typeof build>): number {
  const seen = starts.get(wrapped) ?? Object.assign(wrapped.openWindow(), { total: 0 });
  starts.set(wrapped, seen);
  seen.total += seen.cut().work.workerStarts;
  return seen.total;
}
