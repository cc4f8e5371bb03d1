import { describe, expect, it } from 'vitest';
import { assemble } from '../../sandbox/assemble.ts';
import { books, calc, createSandbox, errorOf, openSandbox, probe, transport } from './guests.ts';

describe('calls', () => {
  it('a sandbox calls raw exports with typed arguments and gives their results', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
    expect(await sandbox.run({ function: 'calc.add', args: [2, 3] })).toBe(5);
    expect(await sandbox.function('add')(2 ** 31 - 1, 1)).toBe(-(2 ** 31));
    expect(await sandbox.function('wide')(2n ** 40n)).toEqual([2n ** 40n + 1n, 0.5]);
  });

  it('numbers of every type come and go as WebAssembly has them, and what it would convert in silence is refused', async () => {
    const typed = assemble(`(module
      (func (export "i") (param i32) (result i32) (local.get 0))
      (func (export "l") (param i64) (result i64) (local.get 0))
      (func (export "s") (param f32) (result f32) (local.get 0))
      (func (export "d") (param f64) (result f64) (local.get 0))
      (func (export "none"))
      (func (export "turned") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        (local.get 3) (local.get 2) (local.get 1) (local.get 0)))`);
    const sandbox = await openSandbox({ guests: { typed: { module: typed } }, threads: 1 });
    const [i, l, s, d, none, turned] = ['i', 'l', 's', 'd', 'none', 'turned'].map((name) => sandbox.function(name));
    expect(await Promise.all([i?.(-1), i?.(2 ** 32 - 1), i?.(-0), i?.(-(2 ** 31))])).toEqual([-1, -1, 0, -(2 ** 31)]);
    expect(await Promise.all([l?.(2n ** 64n - 1n), l?.(-(2n ** 63n))])).toEqual([-1n, -(2n ** 63n)]);
    expect(await Promise.all([s?.(0.1), s?.(Infinity), s?.(1e300)])).toEqual([Math.fround(0.1), Infinity, Infinity]);
    expect(await Promise.all([d?.(-0), d?.(Number.NaN), d?.(5e-324)])).toEqual([-0, Number.NaN, 5e-324]);
    expect(await none?.()).toBeUndefined();
    expect(await turned?.(2 ** 31, 2n ** 63n, -0, 0.1)).toEqual([0.1, -0, -(2n ** 63n), -(2 ** 31)]);
    const refused: readonly [typeof i, readonly unknown[]][] = [
      [i, ['1']],
      [i, [2 ** 32]],
      [i, []],
      [i, [1, 2]],
      [l, [1]],
      [l, [2n ** 64n]],
      [s, [null]],
      [d, [1n]],
      [none, [undefined]],
      [turned, [1, 2n, 3, { valueOf: () => 4 }]],
    ];
    for (const [call, args] of refused)
      expect(await errorOf(call?.(...args) as Promise<unknown>)).toMatchObject({
        code: 'ERR_SANDTUNE_ARGUMENTS',
        outcome: 'rejected',
      });
  });

  it('numbers that are changed after the call, or by being read, are passed as they were when it was made', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
    const [add, work] = [sandbox.function('add'), sandbox.function('work')];
    const before = work(1000);
    const args: unknown[] = [2, 3];
    const call = add.run(args);
    args[0] = 'no number';
    args.length = 1;
    let reads = 0;
    const odd = Object.defineProperty([0, 1], 0, { get: () => (reads++ === 0 ? 4 : {}) });
    expect(await Promise.all([call, add.run(odd)])).toEqual([5, 5]);
    await before;
  });

  it('a sandbox calls bindings over ordinary values, views copied at both ends', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    expect(await sandbox.function('echo')({ a: [1, 'x', null] })).toEqual({ a: [1, 'x', null] });
    const pooled = Buffer.from('four');
    expect(((await sandbox.function('echo')(pooled)) as Uint8Array).buffer.byteLength).toBe(4);
    expect(((await sandbox.function('view')()) as Uint8Array).buffer.byteLength).toBe(16);
    expect(await sandbox.function('who')()).toMatchObject({ callsHere: 1, inGuest: 1 });
    expect(await sandbox.function('who')()).toMatchObject({ callsHere: 2, inGuest: 2 });
  });

  it('a sandbox with several guests needs the full name of a function', async () => {
    const sandbox = await openSandbox({ guests: { one: { module: calc }, two: { module: calc } }, threads: 1 });
    expect(await sandbox.run({ function: 'two.add', args: [1, 1] })).toBe(2);
    expect(() => sandbox.function('add')).toThrow(/expected one of the functions one\.add/);
  });

  it('a function that is not there is refused with names that are short and quoted, or with none', async () => {
    const odd = assemble(`(module (func (export "\\1b[2J")) (func (export "${'n'.repeat(9000)}")))`);
    const sandbox = await openSandbox({ guests: { odd: { module: odd } }, threads: 1 });
    const { message } = (await errorOf(sandbox.run({ function: 'odd.f' }))) as Error;
    expect(message).toMatch(/^odd: expected one of the functions "odd\.\\u001b\[2J", "odd\.n+\.\.\., got "odd\.f"$/);
    const none = await openSandbox({ guests: { none: { module: assemble('(module)') } }, threads: 1 });
    expect(await errorOf(none.run({ function: 'f' }))).toMatchObject({
      message: 'none: expected a guest that exports functions, got "f"',
    });
  });

  it('a sandbox measures unlisted exports under the name the host gave the guest, never under names from its bytes', async () => {
    const sandbox = await openSandbox({
      guests: { listed: { module: calc, functions: ['add'] }, free: { module: calc } },
      threads: 1,
    });
    using window = sandbox.openWindow();
    await sandbox.run({ function: 'listed.add', args: [1, 1] });
    await sandbox.run({ function: 'free.add', args: [1, 1] });
    const { byFunction } = window.cut();
    expect(byFunction['listed.add']?.outcomes.ok).toBe(1);
    expect(byFunction['free']?.outcomes.ok).toBe(1);
    expect(Object.keys(byFunction)).not.toContain('free.add');
  });

  it('a window of a sandbox has one sample a call, its batches, execute time, a cold start and cache use', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, batchSize: 4 });
    using window = sandbox.openWindow();
    await Promise.all(Array.from({ length: 8 }, () => sandbox.function('work')(100_000)));
    const seen = window.cut();
    expect(seen).toMatchObject({
      offered: 8,
      steady: true,
      outcomes: { ok: 8 },
      latency: { count: 8 },
      service: { count: 8 },
    });
    expect(seen.work).toMatchObject({ batches: transport === 'ring' ? 8 : 2, batchedCalls: 8 });
    expect(seen.work.executeMs).toBeGreaterThan(0);
    expect(seen.work.executeMs).toBeLessThan(seen.work.batchMs);
    expect(seen.start.count).toBe(1);
    expect(seen.cache).toMatchObject({ hits: 7, misses: 1, coldCount: 1 });
  });

  it('a sandbox samples the stage times of every call where asked to', async () => {
    const spans = { sampleEvery: 1 };
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, spans });
    using window = sandbox.openWindow();
    await sandbox.function('add')(1, 1);
    const times = Object.values(window.cut().stages);
    expect(times.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(0);
  });

  it('a sandbox with measure: false records counters only', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, measure: false });
    using window = sandbox.openWindow();
    await sandbox.function('add')(1, 1);
    expect(window.cut()).toMatchObject({ offered: 1, outcomes: { ok: 1 }, latency: { count: 0 } });
  });
});

describe('errors of calls say what happened, how it counts and where', () => {
  it("a trap carries the guest's message, and the next call gets a fresh instance", async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
    await sandbox.function('count')();
    expect(await sandbox.function('count')()).toBe(2);
    expect(await errorOf(sandbox.function('boom')())).toMatchObject({
      code: 'ERR_SANDTUNE_TRAP',
      outcome: 'trap',
      stage: 'execute',
      message: 'calc.boom: unreachable',
    });
    expect(await sandbox.function('count')()).toBe(1);
  });

  it('whatever a binding throws is a trap, and the neighbours of its call succeed', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8 });
    const [before, failed, after] = await Promise.allSettled([
      sandbox.function('echo')(1),
      sandbox.function('fail')('no such thing'),
      sandbox.function('echo')(2),
    ]);
    expect([before, after]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(failed).toMatchObject({
      reason: { code: 'ERR_SANDTUNE_TRAP', message: 'probe.fail: no such thing', cause: { name: 'RangeError' } },
    });
  });

  it('a call whose result cannot be cloned fails alone; its worker and its neighbours live on', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8 });
    const who = sandbox.function('who');
    const first = (await who()) as { threadId: number };
    const settled = await Promise.allSettled([
      who(),
      sandbox.function('unpostable')(),
      sandbox.function('later')(),
      who(),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    for (const index of [1, 2]) {
      expect(settled[index]).toMatchObject({
        reason: { code: 'ERR_SANDTUNE_BINDING', outcome: 'trap', stage: 'return' },
      });
    }
    expect(await who()).toMatchObject({ threadId: first.threadId });
  });

  it('wrong arguments are refused before the call is queued', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
    const rejected = { code: 'ERR_SANDTUNE_ARGUMENTS', outcome: 'rejected', stage: 'admit' };
    expect(await errorOf(sandbox.function('add')(1, 'two'))).toMatchObject(rejected);
    expect(await errorOf(sandbox.run({ function: 'add', args: 7 as never }))).toMatchObject(rejected);
  });

  it('a call whose arguments cannot be cloned is refused alone, and its batch goes on', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8 });
    const [one, bad, other] = await Promise.allSettled([
      sandbox.function('echo')(1),
      sandbox.function('echo')(() => 1),
      sandbox.function('echo')(2),
    ]);
    expect([one, other]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(bad).toMatchObject({ reason: { code: 'ERR_SANDTUNE_ARGUMENTS', outcome: 'rejected' } });
  });

  it('a call of a function that does not exist is refused', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
    expect(await errorOf(sandbox.run({ function: 'nope' }))).toMatchObject({
      code: 'ERR_SANDTUNE_EXPORT_MISSING',
      outcome: 'rejected',
    });
    expect(await errorOf(sandbox.run(undefined as never))).toMatchObject({ code: 'ERR_SANDTUNE_EXPORT_MISSING' });
    expect(books(sandbox)).toEqual({ offered: 2, settled: 2, inFlight: 0 });
  });

  it('calls that do not fit a full queue are shed, and no others', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, batchSize: 2, maxQueue: 3 });
    const settled = await Promise.allSettled(Array.from({ length: 10 }, () => sandbox.function('add')(1, 1)));
    // One batch of two, or one call, leaves at once, three wait.
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(transport === 'ring' ? 4 : 5);
    expect(settled.at(-1)).toMatchObject({
      reason: { code: 'ERR_SANDTUNE_QUEUE_FULL', outcome: 'shed', stage: 'admit' },
    });
    expect(await sandbox.function('add')(1, 1)).toBe(2);
  });

  it('a memory that may not grow beyond its cap traps the call', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, maxMemoryPages: 4 });
    const grow = sandbox.function('grow');
    expect([await grow(3), await grow(1)]).toEqual([1, -1]);
  });
});

describe('errors of guests come from createSandbox', () => {
  const open = (guest: object, options: object = {}) =>
    errorOf(createSandbox({ guests: { guest: guest as typeof probe }, threads: 1, ...options }));

  it('createSandbox() refuses bytes that are not WebAssembly', async () => {
    expect(await open({ module: Buffer.from('GIF89a') })).toMatchObject({
      code: 'ERR_SANDTUNE_NOT_WASM',
      outcome: 'rejected',
      stage: 'admit',
    });
    expect(await open({ module: new URL('file:///no/such/guest.wasm') })).toMatchObject({
      code: 'ERR_SANDTUNE_NOT_WASM',
    });
  });

  it('createSandbox() refuses a missing export', async () => {
    expect(await open({ module: calc, functions: ['add', 'subtract'] })).toMatchObject({
      code: 'ERR_SANDTUNE_EXPORT_MISSING',
      message: expect.stringContaining("'subtract'"),
    });
    const many = Array.from({ length: 1000 }, (_, i) => `(func (export "f${i}"))`).join('');
    expect(await open({ module: assemble(`(module ${many})`), functions: ['add'] })).toMatchObject({
      message: expect.stringMatching(/got only "f0", .*"f9" and 990 more$/),
    });
  });

  it('createSandbox() refuses a memory that starts above the cap', async () => {
    expect(await open({ module: assemble('(module (memory 9))'), maxMemoryPages: 8 })).toMatchObject({
      code: 'ERR_SANDTUNE_MEMORY_ABOVE_CAP',
    });
  });

  it('createSandbox() refuses a binding without the function the host listed, or that does not load', async () => {
    expect(await open({ ...probe, functions: ['who', 'toString'] })).toMatchObject({
      code: 'ERR_SANDTUNE_BINDING',
      message: expect.stringContaining("'toString'"),
    });
    const broken = { ...probe, binding: new URL('./broken-binding.ts', import.meta.url) };
    expect(await open(broken)).toMatchObject({
      code: 'ERR_SANDTUNE_BINDING',
      message: expect.stringContaining('this binding is broken'),
    });
  });

  it('createSandbox() refuses a worker file that is none', async () => {
    expect(await open({ module: calc }, { workerUrl: new URL('./broken-binding.ts', import.meta.url) })).toMatchObject({
      code: 'ERR_SANDTUNE_WORKER_LOST',
      message: expect.stringContaining('this binding is broken'),
    });
  });
});
