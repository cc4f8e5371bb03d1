import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSandtuneError } from '../../../src/foundation/errors.ts';
import { describeModule } from '../../../src/sandbox/module/describe-module.ts';
import { limitMemory } from '../../../src/sandbox/module/limit-memory.ts';
import { readSections } from '../../../src/sandbox/module/sections.ts';
import { assemble } from '../assemble.ts';

const shapeOf = (bytes: Uint8Array) => describeModule(bytes, readSections(bytes));

const varied = assemble(`(module
  (import "env" "log" (func $log (param i32 f64)))
  (import "env" "base" (global i64))
  (memory (export "memory") 1)
  (global (export "counter") (mut i32) (i32.const 0))
  (func $pair (export "pair") (param i32 i64) (result f32 f64) (f32.const 1) (f64.const 2))
  (export "relog" (func $log))
  (func (export "give") (result externref) (ref.null extern)))`);

describe('describeModule', () => {
  it('describeModule reads signatures of own and re-exported functions', () => {
    const { functions } = shapeOf(varied);
    expect(Object.fromEntries(functions)).toEqual({
      pair: { params: ['i32', 'i64'], results: ['f32', 'f64'] },
      relog: { params: ['i32', 'f64'], results: [] },
      give: { params: [], results: ['ref'] },
    });
  });

  it('describeModule sees the imports and functions V8 sees', () => {
    const real = readFileSync(new URL('../../../examples/demo/guests/text/text.wasm', import.meta.url));
    for (const bytes of [varied, new Uint8Array(real)]) {
      const module = new WebAssembly.Module(bytes);
      const shape = shapeOf(bytes);
      expect(shape.imports.map(({ module: from, name, kind }) => ({ module: from, name, kind }))).toEqual(
        WebAssembly.Module.imports(module).map(({ module: from, name, kind }) => ({ module: from, name, kind })),
      );
      expect([...shape.functions.keys()]).toEqual(
        WebAssembly.Module.exports(module)
          .filter(({ kind }) => kind === 'function')
          .map(({ name }) => name),
      );
    }
  });

  it('describeModule refuses garbage-collected types', () => {
    // A type section with one struct type of no fields.
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0);
    expect(() => shapeOf(bytes)).toThrow(/garbage-collected types are off/);
  });

  it.each([
    ['types', 1, []],
    ['imports', 2, []],
    ['functions', 3, []],
    ['exports', 7, []],
    ['parameters', 1, [1, 0x60]],
    ['results', 1, [1, 0x60, 0]],
  ])('describeModule refuses more %s than V8 would, before it reads them', (what, id, before) => {
    // 268,435,455 of them are announced and none follows.
    const content = [...before, 0xff, 0xff, 0xff, 0x7f];
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, id, content.length, ...content);
    expect(() => shapeOf(bytes)).toThrow(new RegExp(`expected at most [0-9]+ ${what}, got 268435455`));
  });

  it('describeModule keeps nothing of custom sections and refuses any other twice', () => {
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    expect(readSections(Uint8Array.of(...header, 0, 1, 0, 0, 1, 0, 1, 1, 0))).toHaveLength(1);
    expect(() => readSections(Uint8Array.of(...header, 1, 1, 0, 1, 1, 0))).toThrow(/expected section 1 once/);
  });

  it('describeModule answers any damage with a typed error or not at all', () => {
    fc.assert(
      fc.property(fc.nat(varied.length - 1), fc.nat(255), fc.nat(varied.length), (at, byte, cut) => {
        const damaged = varied.slice(0, cut);
        if (at < cut) damaged[at] = byte;
        try {
          describeModule(damaged, readSections(damaged));
          limitMemory(damaged, readSections(damaged), 10);
        } catch (error) {
          expect(isSandtuneError(error) && error.outcome).toBe('rejected');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('describeModule says what came when the bytes are not WebAssembly', () => {
    expect(() => shapeOf(Buffer.from('#!/bin/sh'))).toThrow(/expected WebAssembly .* got 23 21 2f 62/);
    expect(() => shapeOf(new Uint8Array())).toThrow(/got no bytes/);
  });
});
