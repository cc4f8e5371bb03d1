import { records } from 'sandtune/bindings';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../support/refusal.ts';

describe('records()', () => {
  it('refuses what names no function, and a guest that has not what it needs', () => {
    expect(refusalOf(() => records({ functions: [] }))).toMatch(/^ERR_SANDTUNE_OPTION records\(\): functions/);
    expect(refusalOf(() => records({ functions: ['f'], aloc: 'x' } as never))).toMatch(/no option 'aloc'/);
    const { bind } = records({ functions: ['f'] });
    const self = {} as never;
    const memory = { buffer: new ArrayBuffer(8) };
    expect(refusalOf(() => bind({}, self))).toMatch(/exports its memory as 'memory'/);
    expect(refusalOf(() => bind({ memory }, self))).toMatch(/exports a function 'alloc'/);
    expect(refusalOf(() => bind({ memory, alloc: () => 0 }, self))).toMatch(/exports a function 'f'/);
  });

  it('sees the memory of a guest that has grown it', () => {
    let buffer = new ArrayBuffer(8);
    const memory = {
      get buffer() {
        return buffer;
      },
    };
    const alloc = (bytes: number) => {
      if (bytes > buffer.byteLength) buffer = new ArrayBuffer(bytes);
      return 0;
    };
    const { bind } = records({ functions: ['f'] });
    const { f } = bind({ memory, alloc, f: (at: number, bytes: number) => [at, bytes] }, {} as never) as {
      readonly f: (bytes: Uint8Array) => Uint8Array;
    };
    expect(f(Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
    expect(f(new Uint8Array(20).fill(7))).toEqual(new Uint8Array(20).fill(7));
  });

  it('puts a batch into the guest in parts, and leaves every result where it belongs', () => {
    const memory = { buffer: new ArrayBuffer(400_000) };
    const asked: number[] = [];
    const alloc = (bytes: number) => {
      asked.push(bytes);
      return 8;
    };
    const seen = (at: number, bytes: number) => {
      const record = new Uint8Array(memory.buffer, at, bytes);
      if (bytes > 0) record[0] = (record[0] as number) + 1;
      return [at, bytes];
    };
    const { f } = records({ functions: ['f'] }).bind({ memory, alloc, f: seen }, {} as never) as {
      readonly f: (batch: { bytes: Uint8Array; ends: Uint32Array }) => { bytes: Uint8Array; ends: Uint32Array };
    };
    const sizes = [0, 10, 60_000, 0, 5000, 1000, 200_000, 3, 0];
    const ends = Uint32Array.from(sizes, (_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
    const bytes = new Uint8Array(ends.at(-1) as number).map((_, i) => i);
    const expected = bytes.slice();
    sizes.forEach((size, i) => {
      const from = (ends[i] as number) - size;
      if (size > 0) expected[from] = (expected[from] as number) + 1;
    });
    const result = f({ bytes, ends });
    expect(Buffer.compare(result.bytes, expected)).toBe(0);
    expect(result.ends).toEqual(ends);
    expect(asked).toEqual([65_010, 1000, 200_000, 3]);
  });

  it('tells a guest that gives too little room, or a result outside of its memory', () => {
    const memory = { buffer: new ArrayBuffer(1000) };
    const bound = (alloc: () => number, f: () => unknown) =>
      records({ functions: ['f'] }).bind({ memory, alloc, f } as never, {} as never) as unknown as {
        readonly f: (bytes: Uint8Array) => unknown;
      };
    const given = new Uint8Array(100);
    expect(() =>
      bound(
        () => 950,
        () => [0, 0],
      ).f(given),
    ).toThrow(/expected 100 bytes/);
    for (const result of [[990, 11], [0, 4_000_000_000], (990n << 32n) | 11n])
      expect(() =>
        bound(
          () => 0,
          () => result,
        ).f(given),
      ).toThrow(/outside|inside the memory/);
  });
});
