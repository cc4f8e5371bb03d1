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
});
