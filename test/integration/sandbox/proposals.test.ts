/** Guests that use what WebAssembly has got since its first version: they run, or it is said why they do not. */
import { expect, it, vi } from 'vitest';
import type { GuestOptions } from '../../../src/sandbox/guest-options.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { errorOf, openSandbox } from './guests.ts';

// A machine with other things to do may take many times as long to start a worker.
vi.setConfig({ testTimeout: 120_000 });

/** Bytes behind the header; wabt does not know all that V8 does. */
const module = (text: string) => Uint8Array.from(Buffer.from(`0061736d01000000${text.replaceAll(/\s/g, '')}`, 'hex'));

type Call = readonly [name: string, expected: unknown, ...args: unknown[]];

const numbers: Readonly<Record<string, readonly [bytes: Uint8Array, calls: readonly Call[]]>> = {
  // (tag $e (param i32)), f: (block (result i32) (try_table (catch $e 0) (throw $e (local.get 0))) (i32.const -1))
  'exceptions caught by try_table': [
    module(`01 0a 02 60 01 7f 00 60 01 7f 01 7f 03 02 01 01 0d 03 01 00 00 07 05 01 01 66 00 00
      0a 13 01 11 00 02 7f 1f 40 01 00 00 00 20 00 08 00 0b 00 0b 0b`),
    [['f', 7, 7]],
  ],
  'exceptions of the older kind': [
    assemble(
      '(module (tag $e) (func (export "f") (result i32) (try (result i32) (do (throw $e)) (catch $e (i32.const 5)))))',
      { features: { exceptions: true } },
    ),
    [['f', 5]],
  ],
  // Memories a and b; f stores 42 in b and adds what stands in both; g grows b by 1000 pages.
  'several memories': [
    module(`01 05 01 60 00 01 7f 03 03 02 00 00 05 05 02 00 01 00 01 07 11 04 01 61 02 00 01 62 02 01 01 66 00 00
      01 67 00 01 0a 20 02 16 00 41 00 41 2a 36 42 01 00 41 00 28 02 00 41 00 28 42 01 00 6a 0b 07 00 41 e8 07 40 01 0b`),
    [
      ['f', 42],
      ['g', -1],
    ],
  ],
  'a memory with addresses of 64 bits': [
    assemble(
      `(module (memory (export "memory") i64 1) (func (export "f") (param i64) (result i32)
        (i32.store (local.get 0) (i32.const 42)) (i32.load (local.get 0)))
        (func (export "g") (result i64) (memory.grow (i64.const 100000))))`,
      { features: { memory64: true } },
    ),
    [
      ['f', 42, 8n],
      ['g', -1n],
    ],
  ],
  'tail calls': [
    assemble(
      `(module (func $f (export "f") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0))
        (then (i32.const 1)) (else (return_call $f (i32.sub (local.get 0) (i32.const 1)))))))`,
      { features: { tail_call: true } },
    ),
    [['f', 1, 1_000_000]],
  ],
  'vectors inside': [
    assemble(
      '(module (func (export "f") (result i32) (i32x4.extract_lane 2 (i32x4.add (v128.const i32x4 1 2 3 4) (v128.const i32x4 1 2 3 4)))))',
    ),
    [['f', 6]],
  ],
  'a shared memory that is imported': [
    assemble(
      '(module (import "env" "memory" (memory 1 10 shared)) (func (export "f") (result i32) (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))',
      { features: { threads: true } },
    ),
    [
      ['f', 0],
      ['f', 1],
    ],
  ],
  // (rec (type $a (func (param (ref null $b)))) (type $b (func))), f of $b, g of $a
  'function types in a group': [
    module(`01 0b 01 4e 02 60 01 63 01 00 60 00 00 03 03 02 01 00 07 09 02 01 66 00 00 01 67 00 01
      0a 07 02 02 00 0b 02 00 0b`),
    [['f', undefined]],
  ],
};

it.each(Object.entries(numbers))('a guest with %s runs, with a binding and without', async (_, [bytes, calls]) => {
  const binding = new URL('./exports-binding.ts', import.meta.url);
  const functions = [...new Set(calls.map(([name]) => name))];
  const guests = { raw: { module: bytes }, bound: { module: bytes, binding, functions } };
  const sandbox = await openSandbox({ guests, threads: 1, maxMemoryPages: 20 });
  for (const guest of ['raw', 'bound'])
    for (const [name, expected, ...args] of calls)
      expect(await sandbox.run({ function: `${guest}.${name}`, args })).toBe(expected);
});

// f is called with a string and gives the length of it twice behind itself, which V8 finds out.
const strings = module(`01 11 03 60 01 6f 01 7f 60 02 6f 6f 01 64 6f 60 00 01 7f 02 31 02
  0e 77 61 73 6d 3a 6a 73 2d 73 74 72 69 6e 67 06 6c 65 6e 67 74 68 00 00
  0e 77 61 73 6d 3a 6a 73 2d 73 74 72 69 6e 67 06 63 6f 6e 63 61 74 00 01
  03 03 02 00 02 07 09 02 01 66 00 02 01 6b 00 03 0a 11 02 0a 00 20 00 20 00 10 01 10 00 0b 04 00 41 01 0b`);
const bound: Omit<GuestOptions, 'module'> = {
  binding: new URL('./exports-binding.ts', import.meta.url),
  functions: ['f'],
};

it('a guest gets the functions on strings of the engine where the host allows them, and a refusal says how', async () => {
  const guest = { module: strings, ...bound };
  expect(await errorOf(openSandbox({ guests: { guest }, threads: 1 }))).toMatchObject({
    code: 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED',
    message: expect.stringContaining("allowImports: { 'wasm:js-string': '*' }"),
  });
  const allowed = { ...guest, allowImports: { 'wasm:js-string': '*' as const } };
  const sandbox = await openSandbox({ guests: { allowed }, threads: 1 });
  expect(await sandbox.function('f')('abc')).toBe(6);
});

it('a guest with references in its functions runs behind a binding, and without one each of them says so', async () => {
  const echo = assemble('(module (func (export "f") (param externref) (result externref) (local.get 0)))');
  const sandbox = await openSandbox({
    guests: { raw: { module: echo }, bound: { module: echo, ...bound } },
    threads: 1,
  });
  expect(await sandbox.run({ function: 'bound.f', args: ['text'] })).toBe('text');
  expect(await errorOf(sandbox.run({ function: 'raw.f', args: ['text'] }))).toMatchObject({
    code: 'ERR_SANDTUNE_EXPORT_MISSING',
    message: expect.stringContaining('whose signature has v128 or references; use a binding'),
  });
});

it('a guest with garbage-collected types is refused, and told why', async () => {
  // (type $s (struct (field i32))), f: (struct.new $s (i32.const 5))
  const structs = module(
    '01 0a 02 5f 01 7f 00 60 00 01 64 00 03 02 01 01 07 05 01 01 66 00 00 0a 09 01 07 00 41 05 fb 00 00 0b',
  );
  expect(await errorOf(openSandbox({ guests: { structs: { module: structs, ...bound } }, threads: 1 }))).toMatchObject({
    code: 'ERR_SANDTUNE_NOT_WASM',
    message: expect.stringContaining('garbage-collected types are off'),
  });
});
