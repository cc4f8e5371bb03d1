import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ByteReader } from '../../../src/sandbox/module/byte-reader.ts';
import { passOverValueType, walkExpression } from '../../../src/sandbox/module/instructions.ts';
import { exportState } from '../../../src/sandbox/module/module-state.ts';
import { readSections, sectionIds, sectionReader } from '../../../src/sandbox/module/sections.ts';
import { assemble } from '../assemble.ts';

const exportsOf = (bytes: Uint8Array<ArrayBuffer>) =>
  WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name, kind }) => `${kind} ${name}`);

it('what the module does not export itself stands behind its own exports, whose names and order stay', () => {
  const { bytes, state } = exportState(
    assemble(`(module
      (memory 1)
      (global $a (mut i32) (i32.const 7))
      (global $shown (export "shown") (mut f64) (f64.const 1))
      (global $constant i64 (i64.const 9))
      (global $b (mut i64) (i64.const -1))
      (func (export "f") (result i32) (global.set $a (i32.add (global.get $a) (i32.const 1))) (global.get $a))
      (export "also" (func 0)))`),
  );
  expect(exportsOf(bytes)).toEqual([
    'global shown',
    'function f',
    'function also',
    'memory sandtune:memory:0',
    'global sandtune:global:0',
    'global sandtune:global:3',
  ]);
  expect(state).toEqual({
    memories: ['sandtune:memory:0'],
    globals: [
      { name: 'sandtune:global:0', type: 'i32' },
      { name: 'shown', type: 'f64' },
      { name: 'sandtune:global:3', type: 'i64' },
    ],
  });
});

it('a module without any exports gets a section of them, in its place', () => {
  const { bytes } = exportState(
    assemble('(module (memory 1) (global (mut f32) (f32.const 0.5)) (func $s) (start $s) (data (i32.const 0) "x"))'),
  );
  expect(exportsOf(bytes)).toEqual(['memory sandtune:memory:0', 'global sandtune:global:0']);
});

it('a module that exports all of its state, or has none, stays as it is', () => {
  const own = assemble('(module (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 0)))');
  expect(exportState(own)).toEqual({
    bytes: own,
    state: { memories: ['m'], globals: [{ name: 'g', type: 'i32' }] },
  });
  const none = assemble('(module (func (export "f")))');
  expect(exportState(none)).toEqual({ bytes: none, state: { memories: [], globals: [] } });
});

it('a name of ours that the module has already taken is left to it', () => {
  const { bytes } = exportState(assemble('(module (memory 1) (func (export "sandtune:memory:0")))'));
  expect(exportsOf(bytes)).toEqual(['function sandtune:memory:0', "memory sandtune:memory:0'"]);
});

it('a memory that is imported is state as one of its own is', () => {
  const { state } = exportState(assemble('(module (import "env" "memory" (memory 1)))'));
  expect(state.memories).toEqual(['sandtune:memory:0']);
});

it.each([
  ['table.set', '(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))', /it has table\.set/],
  ['table.grow', '(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 0))))', /it has table\.grow/],
  ['table.fill', '(table 1 funcref) (func (table.fill (i32.const 0) (ref.null func) (i32.const 1)))', /table\.fill/],
  ['table.copy', '(table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 0)))', /table\.copy/],
  [
    'table.init',
    '(table 1 funcref) (elem func 0) (func (table.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))',
    /table\.init/,
  ],
  ['elem.drop', '(table 1 funcref) (elem func 0) (func (elem.drop 0))', /elem\.drop/],
  ['data.drop', '(memory 1) (data "x") (func (data.drop 0))', /data\.drop/],
  ['a global of a reference', '(global (mut externref) (ref.null extern))', /mutable global 0 is no number/],
  ['a global of a vector', '(global (mut v128) (v128.const i64x2 0 0))', /mutable global 0 is no number/],
  ['an imported function', '(import "env" "now" (func))', /it imports 'env' 'now'/],
  ['an imported global', '(import "env" "g" (global (mut i32)))', /it imports 'env' 'g'/],
  ['a shared memory', '(memory 1 1 shared)', /its memory is shared/],
])('a module with %s is refused, with the reason', (_, text, reason) => {
  const features = { reference_types: true, threads: true, bulk_memory: true, simd: true, mutable_globals: true };
  const bytes = assemble(`(module ${text})`, { features });
  expect(() => exportState(bytes)).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_GUEST_STATE', message: expect.stringMatching(reason) }),
  );
});

it('bytes of constants are not taken for instructions', () => {
  // 0x26 is table.set where it is an instruction.
  const { state } = exportState(
    assemble(
      '(module (memory 1) (func (result i64) (i64.const 0x2626262626262626)) (func (result f64) (f64.const 1e-100)))',
    ),
  );
  expect(state.memories).toHaveLength(1);
});

const real = [
  '@chainsafe/as-chacha20poly1305/build/optimized.wasm',
  '@chainsafe/as-sha256/build/optimized.simd.wasm',
  '@jsquash/png/codec/pkg/squoosh_png_bg.wasm',
  '@wasmer/wasi/demo.wasm',
  'argon2-browser/dist/argon2-simd.wasm',
  'quickjs-wasi/quickjs.wasm',
  'source-map/lib/mappings.wasm',
  'vscode-oniguruma/release/onig.wasm',
  'wasm-flate/wasm_flate_bg.wasm',
  'xxhash-wasm/workerd/xxhash.wasm',
  'yoga-wasm-web/dist/yoga.wasm',
].map((path) => new Uint8Array(readFileSync(new URL(`../../../node_modules/${path}`, import.meta.url))));

it('every function of real modules is read to exactly its end', () => {
  let functions = 0;
  for (const bytes of real) {
    const code = sectionReader(bytes, readSections(bytes), sectionIds.code) as ByteReader;
    for (let left = code.unsigned(); left > 0; left--, functions++) {
      const length = code.unsigned();
      const body = new ByteReader(bytes, code.offset, code.offset + length);
      code.skip(length);
      for (let groups = body.unsigned(); groups > 0; groups--) {
        body.unsigned();
        passOverValueType(body);
      }
      walkExpression(body, () => {});
      expect(body.done).toBe(true);
    }
  }
  expect(functions).toBeGreaterThan(2000);
});

it('a real module is valid with its state exported, and has the exports it had before those', () => {
  const whole = real.flatMap((bytes) => {
    try {
      return [[bytes, exportState(bytes).bytes] as const];
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_SANDTUNE_GUEST_STATE' });
      return [];
    }
  });
  for (const [before, after] of whole)
    expect(exportsOf(after).slice(0, exportsOf(before).length)).toEqual(exportsOf(before));
  expect(whole.length).toBeGreaterThan(0);
});
