import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitMemory } from '../../../src/sandbox/module/limit-memory.ts';
import { readSections } from '../../../src/sandbox/module/sections.ts';
import { assemble } from '../assemble.ts';

function memoryGuest(limits: string): Uint8Array<ArrayBuffer> {
  return assemble(`(module (memory (export "memory") ${limits})
    (data (i32.const 8) "kept")
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`);
}

function limited(bytes: Uint8Array<ArrayBuffer>, maxPages: number): Uint8Array<ArrayBuffer> {
  return limitMemory(bytes, readSections(bytes), maxPages).bytes;
}

function instanceOf(bytes: Uint8Array<ArrayBuffer>) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return { grow: exports['grow'] as (pages: number) => number, memory: exports['memory'] as WebAssembly.Memory };
}

describe('limitMemory', () => {
  it('a limited module refuses growth beyond the cap that the unlimited module has', () => {
    const bytes = memoryGuest('1');
    expect(instanceOf(bytes).grow(4)).toBe(1);
    const { grow } = instanceOf(limited(bytes, 4));
    expect(grow(3)).toBe(1);
    expect(grow(1)).toBe(-1);
  });

  it('limitMemory lowers a declared maximum and keeps a smaller one', () => {
    expect(instanceOf(limited(memoryGuest('1 100'), 3)).grow(3)).toBe(-1);
    const { grow } = instanceOf(limited(memoryGuest('1 2'), 100));
    expect(grow(1)).toBe(1);
    expect(grow(1)).toBe(-1);
  });

  it('limitMemory leaves everything else of a module as it was', () => {
    const { memory } = instanceOf(limited(memoryGuest('1'), 4));
    expect(Buffer.from(memory.buffer, 8, 4).toString()).toBe('kept');
    const bytes = assemble('(module (func (export "f")))');
    expect(limited(bytes, 1)).toEqual(bytes);
  });

  it('limitMemory refuses a module that starts above the cap, naming both numbers', () => {
    expect(() => limited(memoryGuest('5'), 4)).toThrow(
      expect.objectContaining({
        code: 'ERR_SANDTUNE_MEMORY_ABOVE_CAP',
        message: expect.stringMatching(/4 pages.*got 5/),
      }),
    );
  });

  it('limitMemory caps the memories of a module together, evenly, and by what each wants', () => {
    // Maxima: none, 2, none; minima 1 each; no exports or code, as wabt takes one memory only.
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 8, 3, 0, 1, 1, 1, 2, 0, 1);
    const content = (maxPages: number) => [...limited(bytes, maxPages).subarray(10)];
    expect(content(12)).toEqual([3, 1, 1, 5, 1, 1, 2, 1, 1, 5]);
    expect(content(3)).toEqual([3, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(() => new WebAssembly.Module(limited(bytes, 12))).not.toThrow();
    expect(() => limited(bytes, 2)).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_MEMORY_ABOVE_CAP' }));
  });

  it('limitMemory refuses more than a few memories, however small', () => {
    const memories = (count: number) =>
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 1 + 2 * count, count, ...new Uint8Array(2 * count));
    expect(() => limited(memories(8), 4)).not.toThrow();
    expect(() => limited(memories(9), 4)).toThrow(
      expect.objectContaining({
        code: 'ERR_SANDTUNE_MEMORY_ABOVE_CAP',
        message: expect.stringMatching(/at most 8 memories, got 9/),
      }),
    );
  });

  it('a limited module stays within its cap for any limits', () => {
    const pages = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(pages, fc.option(fc.nat(40), { nil: undefined }), pages, (minimum, extra, cap) => {
        const maximum = extra === undefined ? Infinity : minimum + extra;
        const bytes = memoryGuest(maximum === Infinity ? `${minimum}` : `${minimum} ${maximum}`);
        if (minimum > cap) {
          expect(() => limited(bytes, cap)).toThrow(/start with at most/);
          return;
        }
        const { grow, memory } = instanceOf(limited(bytes, cap));
        while (grow(1) !== -1);
        expect(memory.buffer.byteLength / 65_536).toBe(Math.min(cap, maximum));
      }),
      { numRuns: 60 },
    );
  });
});
