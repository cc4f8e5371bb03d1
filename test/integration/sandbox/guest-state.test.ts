import { describe, expect, it } from 'vitest';
import type { SandboxState } from '../../../src/sandbox/run/state-calls.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { errorOf, openSandbox, transport } from './guests.ts';

/** Counts in a global and in a memory it does not export; grows; keeps a float; traps when asked to. */
const counter = assemble(`(module
  (memory 1)
  (global $n (mut i32) (i32.const 0))
  (global $wide (mut i64) (i64.const -9223372036854775808))
  (global $half (mut f64) (f64.const 0.1))
  (func (export "next") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (global.get $n))
  (func (export "put") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "halve") (result f64) (global.set $half (f64.div (global.get $half) (f64.const 3))) (global.get $half))
  (func (export "wider") (result i64) (global.set $wide (i64.add (global.get $wide) (i64.const 1))) (global.get $wide))
  (func (export "spin") (loop $again br $again))
  (func (export "boom") unreachable))`);
const guest = { module: counter, state: 'memory' } as const;

const own = {
  module: assemble('(module (func (export "f")))'),
  binding: new URL('./state-binding.ts', import.meta.url),
  functions: ['next', 'boom'],
  state: 'own',
} as const;

const call = (sandbox: Sandbox, name: string, ...args: number[]) => sandbox.function(name)(...args);

describe(`states of guests, calls by ${transport}`, () => {
  it('what an instance keeps goes on in another sandbox exactly where it stood', async () => {
    const first = await openSandbox({ guests: { counter: guest }, threads: 1 });
    await call(first, 'grow');
    await call(first, 'put', 70_000, 77);
    for (let i = 0; i < 5; i++) await call(first, 'next');
    const half = await call(first, 'halve');
    await call(first, 'wider');
    const states = await first.guestStates();
    expect(states).toMatchObject([{ instance: 'counter/0', memories: [{ pages: 2 }], snapshot: null }]);
    expect(await call(first, 'next')).toBe(6);
    const second = await openSandbox({ guests: { counter: guest }, threads: 1 });
    await second.restoreGuestStates(states);
    expect(await call(second, 'next')).toBe(6);
    expect(await call(second, 'get', 70_000)).toBe(77);
    expect(await call(second, 'halve')).toBe((half as number) / 3);
    expect(await call(second, 'wider')).toBe(-(2n ** 63n) + 2n);
    expect(second.functionNames).not.toContain('counter.state');
  });

  it('each worker has its own state, taken while no call runs, and calls that come meanwhile wait', async () => {
    const sandbox = await openSandbox({ guests: { counter: guest }, threads: 2 });
    const before = Promise.all(Array.from({ length: 200 }, () => call(sandbox, 'next')));
    const taken = sandbox.guestStates();
    const after = Promise.all(Array.from({ length: 200 }, () => call(sandbox, 'next')));
    const states = await taken;
    await before;
    await after;
    const counted = (all: readonly SandboxState[]) =>
      all.reduce((sum, { globals }) => sum + Number(globals[0]?.value), 0);
    expect(states.map(({ instance }) => instance)).toEqual(['counter/0', 'counter/1']);
    expect(counted(states)).toBeLessThanOrEqual(400);
    expect(counted(await sandbox.guestStates())).toBe(400);
    const other = await openSandbox({ guests: { counter: guest }, threads: 2 });
    await other.restoreGuestStates(states);
    expect(counted(await other.guestStates())).toBe(counted(states));
  });

  it('an instance that a trap has destroyed is told, and not its successor taken for it', async () => {
    const sandbox = await openSandbox({ guests: { counter: guest }, threads: 1 });
    await call(sandbox, 'next');
    await sandbox.guestStates();
    await errorOf(call(sandbox, 'boom'));
    await call(sandbox, 'next');
    const lost = {
      code: 'ERR_SANDTUNE_GUEST_STATE',
      message: expect.stringMatching(/restart from the last checkpoint/),
    };
    expect(await errorOf(sandbox.guestStates())).toMatchObject(lost);
  });

  it('so is one that was destroyed before its state was ever taken, and one whose worker was ended', async () => {
    const sandbox = await openSandbox({ guests: { counter: guest }, threads: 1 });
    await errorOf(call(sandbox, 'boom'));
    expect(await errorOf(sandbox.guestStates())).toMatchObject({ code: 'ERR_SANDTUNE_GUEST_STATE' });
    const slow = await openSandbox({ guests: { counter: guest }, threads: 1, deadlineMs: 200 });
    expect(await errorOf(call(slow, 'spin'))).toMatchObject({ code: 'ERR_SANDTUNE_DEADLINE' });
    await call(slow, 'next');
    expect(await errorOf(slow.guestStates())).toMatchObject({ code: 'ERR_SANDTUNE_GUEST_STATE' });
  });

  it('states of another module, of other workers, or for an instance that has grown, are refused', async () => {
    const sandbox = await openSandbox({ guests: { counter: guest }, threads: 1 });
    const states = await sandbox.guestStates();
    const two = await openSandbox({ guests: { counter: guest }, threads: 2 });
    expect(await errorOf(two.restoreGuestStates(states))).toMatchObject({
      message:
        'expected the states of counter/0, counter/1, got counter/0: as many threads as before, and the same guests',
    });
    const module = assemble('(module (memory 1) (func (export "f")))');
    const other = await openSandbox({ guests: { counter: { module, state: 'memory' } }, threads: 1 });
    expect(await errorOf(other.restoreGuestStates(states))).toMatchObject({
      code: 'ERR_SANDTUNE_GUEST_STATE',
      message: expect.stringMatching(/that of another/),
    });
    await call(sandbox, 'grow');
    expect(await errorOf(sandbox.restoreGuestStates(states))).toMatchObject({
      message: expect.stringMatching(/restore before the first call/),
    });
  });

  it('a guest that takes its own state is asked for it', async () => {
    const first = await openSandbox({ guests: { own }, threads: 1 });
    await call(first, 'next');
    await call(first, 'next');
    const states = await first.guestStates();
    expect(states).toMatchObject([{ instance: 'own/0', memories: [], globals: [] }]);
    const second = await openSandbox({ guests: { own }, threads: 1 });
    await second.restoreGuestStates(states);
    expect(await call(second, 'next')).toBe(3);
    await errorOf(call(second, 'boom'));
    expect(await errorOf(second.guestStates())).toMatchObject({ code: 'ERR_SANDTUNE_GUEST_STATE' });
  });

  it('a sandbox whose guests keep none has none, and takes none', async () => {
    const sandbox = await openSandbox({ guests: { counter: { module: counter } }, threads: 1 });
    expect(await sandbox.guestStates()).toEqual([]);
    await sandbox.restoreGuestStates([]);
    const some = [{ instance: 'x', memories: [], globals: [], snapshot: null }];
    expect(await errorOf(sandbox.restoreGuestStates(some))).toMatchObject({ code: 'ERR_SANDTUNE_GUEST_STATE' });
  });

  it('workers and instances that keep state are no knobs', async () => {
    const sandbox = await openSandbox({ guests: { counter: guest }, threads: 1 });
    const ids = sandbox.knobs.map(({ id }) => id);
    expect(ids).not.toContain('threads');
    expect(ids).not.toContain('moduleCacheCapacity');
  });

  it('a guest whose state cannot be whole is refused with the reason before any worker starts', async () => {
    const module = assemble('(module (table 1 funcref) (func (export "f") (table.set (i32.const 0) (ref.null func))))');
    expect(await errorOf(openSandbox({ guests: { bad: { module, state: 'memory' } } }))).toMatchObject({
      code: 'ERR_SANDTUNE_GUEST_STATE',
      message:
        'bad: module: expected a guest whose whole state can be seen, but it has table.set, which changes what cannot be read',
    });
    const both = openSandbox({ guests: { bad: { module: counter, state: 'memory', instance: 'per-call' } } });
    expect(await errorOf(both)).toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
    expect(await errorOf(openSandbox({ guests: { bad: { module: counter, state: 'own' } } }))).toMatchObject({
      code: 'ERR_SANDTUNE_OPTION',
    });
    const few = openSandbox({ guests: { a: guest, b: guest }, moduleCacheCapacity: 1 });
    expect(await errorOf(few)).toMatchObject({
      message: expect.stringMatching(/moduleCacheCapacity: expected at least 2/),
    });
  });
});
