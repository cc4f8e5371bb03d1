import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recordGuest } from '../../../../exporters/terminal/stream/record-guest.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { upperGuest, wasmOf } from './upper-guest.ts';

const memory = '(memory (export "memory") 1)';
const alloc = '(func (export "alloc") (param i32) (result i32) (i32.const 0))';
const f = '(func (export "f") (param i32 i32) (result i64) (i64.const 0))';

async function taken(module: Uint8Array | string, functionName: string) {
  const path = join(temporaryFolder(), 'guest.wasm');
  writeFileSync(path, module);
  return recordGuest(path, functionName);
}

it('takes a guest with memory, alloc and a function of either kind', async () => {
  const bytes = await upperGuest();
  for (const name of ['upper', 'count']) expect((await taken(bytes, name)).bytes).toEqual(Buffer.from(bytes));
});

it.each([
  [
    'has imports',
    `(import "env" "log" (func)) ${memory} ${alloc} ${f}`,
    'f',
    /imports nothing, got imports of env\.log; .*createStreamProcessor/,
  ],
  ['exports no memory', `(memory 1) ${alloc} ${f}`, 'f', /exports its memory as 'memory'.*got none/],
  ['exports no alloc', `${memory} ${f}`, 'f', /exports 'alloc' \(i32\) → i32.*got none/],
  [
    'exports another alloc',
    `${memory} (func (export "alloc") (param i64) (result i64) (local.get 0)) ${f}`,
    'f',
    /got \(i64\) → i64/,
  ],
  ['has no such function', `${memory} ${alloc} ${f}`, 'g', /as f of this module is, got 'g'/],
  [
    'has it with another signature',
    `${memory} ${alloc} (func (export "f") (param i32) (result i32) (local.get 0))`,
    'f',
    /as no function of it of this module is, got 'f' \(i32\) → i32/,
  ],
])('refuses a guest that %s, with the reason', async (_, text, name, message) => {
  const bytes = await wasmOf(`(module ${text})`);
  await expect(taken(bytes, name)).rejects.toThrow(message);
});

it('refuses what is no module, and what is not there', async () => {
  await expect(taken('text', 'f')).rejects.toThrow(/--module .*expected/);
  expect(() => recordGuest('/nowhere/m.wasm', 'f')).toThrow(/--module: expected a file that can be read, got ENOENT/);
});
