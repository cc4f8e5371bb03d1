import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../sandbox/assemble.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createSandbox, errorOf } from './guests.ts';

const plain = assemble('(module (func (export "f")))');
const importing = assemble('(module (import "env" "log" (func (param i32))) (func (export "f")))');
const allowImports = { env: ['log'] };

async function bindingOf(text: string): Promise<URL> {
  const file = join(temporaryFolder(), 'binding.mjs');
  await writeFile(file, text);
  return pathToFileURL(file);
}

/** What `createSandbox()` rejects with. */
async function refusalOf(text: string, module = plain, startDeadlineMs = 20_000): Promise<unknown> {
  const guest = {
    module,
    binding: await bindingOf(text),
    functions: ['f'],
    ...(module === importing && { allowImports }),
  };
  return errorOf(createSandbox({ guests: { guest }, threads: 1, startDeadlineMs }));
}

const faulty = { code: 'ERR_SANDTUNE_BINDING', stage: 'start' };

// A machine with other things to do may take many times as long to start a worker.
describe('createSandbox() tells what is wrong with a binding', { timeout: 120_000 }, () => {
  it.each([
    ['is no JavaScript', 'export function bind( {', /guest: .*to load, got /],
    ['throws when it is loaded', 'throw new RangeError("not here")', /to load, got not here/],
    ['throws null when it is loaded', 'throw null', /to load, got null/],
    ['rejects with nothing in bind()', 'export const bind = () => Promise.reject();', /bind\(\).* threw undefined/],
    ['exports no bind()', 'export const unbind = 1', /export a function bind\(exports\), got undefined/],
    ['returns null from bind()', 'export const bind = () => null', /return an object of functions, got null/],
    [
      'returns a proxy that throws',
      'export const bind = () => new Proxy({}, { getOwnPropertyDescriptor() { throw new Error("trap") } })',
      /bind\(\).* trap/,
    ],
    [
      'throws what cannot be read',
      'export function bind() { throw new Proxy({}, { get() { throw 1; } }); }',
      /bind\(\).* a value without text/,
    ],
  ])('a binding that %s is named as the fault', async (_, text, message) => {
    expect(await refusalOf(text)).toMatchObject({ ...faulty, message: expect.stringMatching(message) });
  });

  it('a listed function that the binding does not return is a refused option, with those that there are', async () => {
    expect(await refusalOf('export const bind = () => ({ f: 1, g: () => 1 })')).toMatchObject({
      code: 'ERR_SANDTUNE_BINDING',
      outcome: 'rejected',
      stage: 'admit',
      message: expect.stringMatching(/return a function 'f', got 1; the functions it returned are "g"/),
    });
  });

  it.each([
    ['exports no imports()', '', /supply the import "env" "log", got nothing/],
    [
      'returns nothing from imports()',
      'export const imports = () => null;',
      /supply the import "env" "log", got nothing/,
    ],
    [
      'supplies a number for a function',
      'export const imports = () => ({ env: { log: 1 } });',
      /what the guest imports, got /,
    ],
    [
      'returns imports that throw when they are read',
      'export const imports = () => ({ get env() { throw new Error("unread"); } });',
      /unread/,
    ],
  ])('a binding of a guest with imports that %s is named as the fault', async (_, text, message) => {
    const refusal = await refusalOf(`${text} export const bind = () => ({ f() {} });`, importing);
    expect(refusal).toMatchObject({ ...faulty, message: expect.stringMatching(message) });
  });

  it('a binding file that is missing is named as the fault', async () => {
    const guest = { module: plain, binding: new URL('./no-such-binding.mjs', import.meta.url), functions: ['f'] };
    expect(await errorOf(createSandbox({ guests: { guest }, threads: 1 }))).toMatchObject({
      ...faulty,
      message: expect.stringMatching(/no-such-binding/),
    });
  });

  it('what the binding threw is the cause, with its own stack and code', async () => {
    const text = 'export function bind() { throw Object.assign(new RangeError("no"), { code: "E_NO" }); }';
    expect(await refusalOf(text)).toMatchObject({
      cause: { name: 'RangeError', message: 'no', code: 'E_NO', stack: expect.stringContaining('binding.mjs:1') },
    });
  });

  it.each([
    ['whose bind() never ends', 'export function bind() { for (;;); }'],
    ['whose bind() never resolves', 'export const bind = () => new Promise(() => setInterval(() => {}, 1000));'],
    ['that never ends while it is loaded', 'for (;;);'],
    [
      'that waits for ever while it is loaded',
      'export const bind = 1; await new Promise(() => setInterval(() => {}, 1000));',
    ],
  ])('a binding %s is given up at the deadline of the start', async (_, text) => {
    expect(await refusalOf(text, plain, 200)).toMatchObject({
      ...faulty,
      message: expect.stringMatching(/guest: .*within 200 ms \(startDeadlineMs\), got none/),
    });
  });

  it('a guest whose start function never ends is given up at the deadline of the start', async () => {
    const module = assemble('(module (func $begin (loop $again br $again)) (start $begin) (func (export "f")))');
    expect(await refusalOf('export const bind = ({ f }) => ({ f });', module, 200)).toMatchObject({
      ...faulty,
      message: expect.stringMatching(/guest: .*start function.*within 200 ms/),
    });
  });

  it('a start function without a binding that never ends, or that traps, fails the start of the sandbox', async () => {
    const startOf = (code: string) => assemble(`(module (func $begin ${code}) (start $begin) (func (export "f")))`);
    const refusal = (code: string) =>
      errorOf(createSandbox({ guests: { guest: { module: startOf(code) } }, threads: 1, startDeadlineMs: 200 }));
    expect(await refusal('(loop $again br $again)')).toMatchObject({
      code: 'ERR_SANDTUNE_DEADLINE',
      outcome: 'timeout',
      stage: 'start',
      message: 'guest: expected its start function to end within 200 ms (startDeadlineMs), got no end',
    });
    expect(await refusal('unreachable')).toMatchObject({
      code: 'ERR_SANDTUNE_TRAP',
      outcome: 'trap',
      stage: 'start',
      message: 'guest: expected its module to be instantiated, but that threw unreachable',
      cause: { name: 'RuntimeError' },
    });
  });

  it.each([
    ['data', '(memory 1) (data (i32.const 70000) "x")', false],
    ['elements', '(table 1 funcref) (func $f) (elem (i32.const 1) $f)', false],
    ['data, behind a binding', '(memory 1) (data (i32.const 70000) "x")', true],
    ['data in memory that it imports', '(import "env" "memory" (memory 1)) (data (i32.const 70000) "x")', false],
  ])('a guest whose %s do not fit fails the start of the sandbox', async (_, text, isBound) => {
    const module = assemble(`(module ${text} (func (export "f")))`);
    const bound = { binding: await bindingOf('export const bind = ({ f }) => ({ f });'), functions: ['f'] };
    const guest = { module, ...(isBound && bound) };
    expect(await errorOf(createSandbox({ guests: { guest }, threads: 1 }))).toMatchObject({
      code: 'ERR_SANDTUNE_TRAP',
      outcome: 'trap',
      stage: 'start',
      message: expect.stringMatching(/guest: expected its module to be instantiated, but .*out of bounds/),
      cause: { name: 'RuntimeError' },
    });
  });

  it.each([
    ['in bind()', 'export function bind() { process.exit(7); }'],
    ['while it is loaded', 'process.exit(7);'],
  ])('a binding that ends its thread %s is named as the fault, with the exit code', async (_, text) => {
    expect(await refusalOf(text)).toMatchObject({
      ...faulty,
      message: expect.stringMatching(/guest: .*ended its worker: .*7/),
    });
  });
});
