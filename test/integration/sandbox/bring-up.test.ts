/** How instances of guests with bindings are brought up, whatever their glue is like. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { GuestOptions } from '../../../src/sandbox/guest-options.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { createSandbox, errorOf, openSandbox } from './guests.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-bring-up-'));
afterAll(() => rmSync(folder, { recursive: true }));

const counter = (memory = '') =>
  assemble(`(module (import "env" "log" (func $log (param i32))) ${memory}
    (global $n (mut i32) (i32.const 0))
    (func (export "fail") unreachable)
    (func (export "count") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $log (global.get $n)) (global.get $n)))`);
const plain = counter('(memory (export "memory") 1)');
const importing = counter('(import "env" "memory" (memory 1))');
const file = join(folder, 'counter.wasm');
writeFileSync(file, plain);

function guest(how: string, options: Partial<GuestOptions> = {}): GuestOptions {
  return {
    module: plain,
    binding: new URL(`./glue-binding.ts?how=${how}&file=${encodeURIComponent(file)}`, import.meta.url),
    functions: ['count', 'logged', 'grow', 'bytesOfMemory', 'fail', 'thread'],
    allowImports: { env: '*' },
    ...options,
  };
}

it.each(['imports', 'self', 'instance', 'instantiate', 'bytes', 'late', 'streaming'])(
  'two instances of a guest count for themselves when its glue brings it up by %s',
  async (how) => {
    const sandbox = await openSandbox({ guests: { one: guest(how), two: guest(how) }, threads: 1 });
    const counts: unknown[] = [];
    for (const name of ['one', 'one', 'two', 'one', 'two'])
      counts.push(await sandbox.run({ function: `${name}.count` }));
    expect(counts).toEqual([1, 2, 1, 3, 2]);
    expect(await sandbox.run({ function: 'two.logged' })).toBe(2);
  },
);

it('the instance that createSandbox() brings up is the one that is called first, and a trap makes another', async () => {
  const sandbox = await openSandbox({ guests: { one: guest('imports') }, threads: 1 });
  using window = sandbox.openWindow();
  await sandbox.function('count')();
  expect(window.cut().start.count).toBe(0);
  expect(await errorOf(sandbox.function('fail')())).toMatchObject({ code: 'ERR_SANDTUNE_TRAP' });
  expect(await sandbox.function('count')()).toBe(1);
  expect(window.cut().start.count).toBe(1);
});

it("with instance: 'per-call' no call sees what another left, and the first takes the instance of the start", async () => {
  const perCall = guest('imports', { instance: 'per-call' });
  const sandbox = await openSandbox({ guests: { one: perCall }, threads: 1, batchSize: 4 });
  using window = sandbox.openWindow();
  const counts = await Promise.all(Array.from({ length: 6 }, () => sandbox.function('count')()));
  expect(counts).toEqual([1, 1, 1, 1, 1, 1]);
  expect(window.cut().start.count).toBe(5);
});

it('a guest without a binding has an instance for each call too where that was asked for', async () => {
  const module = assemble(`(module (global $n (mut i32) (i32.const 0)) (func (export "count") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`);
  const sandbox = await openSandbox({ guests: { one: { module, instance: 'per-call' } }, threads: 1 });
  expect([await sandbox.function('count')(), await sandbox.function('count')()]).toEqual([1, 1]);
});

it.each(['imports', 'memory'])(
  'a guest that imports its memory gets one of ours, which grows to its cap and no further (by %s)',
  async (how) => {
    const one = guest(how, { module: importing, maxMemoryPages: 3 });
    const sandbox = await openSandbox({ guests: { one }, threads: 1 });
    expect(await sandbox.function('grow')(2)).toBe(1);
    expect(await errorOf(sandbox.function('grow')(1))).toMatchObject({ message: expect.stringContaining('grow') });
  },
);

it('a guest that imports nothing but its memory needs no binding', async () => {
  const module = assemble(`(module (import "env" "memory" (memory 1))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`);
  const sandbox = await openSandbox({ guests: { one: { module, maxMemoryPages: 2 } }, threads: 1 });
  expect([await sandbox.function('grow')(1), await sandbox.function('grow')(1)]).toEqual([1, -1]);
});

it('createSandbox() says which import a binding did not supply, and refuses memory that is not ours', async () => {
  const open = (how: string, module = plain) =>
    errorOf(createSandbox({ guests: { one: guest(how, { module }) }, threads: 1 }));
  const code = 'ERR_SANDTUNE_BINDING';
  expect(await open('none')).toMatchObject({ code, message: expect.stringMatching(/supply the import "env" "log"/) });
  expect(await open('foreign', importing)).toMatchObject({ code, message: expect.stringMatching(/self\.memory/) });
});

it('createSandbox() says of an export with v128 or references that it has them', async () => {
  const module = assemble('(module (func (export "wide") (param v128)) (func (export "ref") (param externref)))');
  for (const name of ['wide', 'ref']) {
    const error = await errorOf(createSandbox({ guests: { one: { module, functions: [name] } }, threads: 1 }));
    expect(error).toMatchObject({ message: expect.stringMatching(/v128|reference/) });
  }
  const sandbox = await openSandbox({
    guests: { one: { module: assemble('(module (func (export "wide") (param v128)) (func (export "f")))') } },
    threads: 1,
  });
  expect(() => sandbox.function('wide')).toThrow(/v128/);
});
