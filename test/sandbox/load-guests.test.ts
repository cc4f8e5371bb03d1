import { describe, expect, it } from 'vitest';
import { resolveGuest } from '../../src/sandbox/guest-options.ts';
import { loadGuests } from '../../src/sandbox/load-guests.ts';
import { unsignedBytes } from '../../src/sandbox/module/byte-reader.ts';
import { ModuleStore } from '../../src/sandbox/module/module-store.ts';

function section(id: number, content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(id, ...unsignedBytes(content.length)), content]);
}

/** A module of one empty function that is exported `count` times. */
function exporting(count: number, nameOf: (index: number) => string = String): Uint8Array {
  const names = Array.from({ length: count }, (_, index) => Buffer.from(nameOf(index)));
  const entries = names.map((name) =>
    Buffer.concat([Uint8Array.from(unsignedBytes(name.length)), name, Uint8Array.of(0, 0)]),
  );
  return Buffer.concat([
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0),
    section(7, Buffer.concat([Uint8Array.from(unsignedBytes(count)), ...entries])),
    Uint8Array.of(10, 4, 1, 2, 0, 0x0b),
  ]);
}

function load(module: Uint8Array, functions?: readonly string[]) {
  return loadGuests([resolveGuest('wide', { module, ...(functions && { functions }) }, 16)], new ModuleStore());
}

describe('a guest that is no module', () => {
  it('a text file is told as one, by its name', async () => {
    const module = new URL(import.meta.url);
    const loading = loadGuests([resolveGuest('calc', { module }, 16)], new ModuleStore());
    await expect(loading).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_NOT_WASM',
      message: expect.stringMatching(/^calc \(.*load-guests\.test\.ts\): .*got 69 6d 70 .*looks like text: "import /),
    });
  });

  it('a component is told as one, with what makes a module of it', async () => {
    await expect(load(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_NOT_WASM',
      message: expect.stringMatching(/got a component; .*transpile/),
    });
  });

  it('other bytes are not told as a text', async () => {
    await expect(load(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0))).rejects.toMatchObject({
      message: expect.not.stringContaining('text'),
    });
  });
});

describe('a guest with very many exports', () => {
  it('a guest may offer 10,000 functions that the host has not listed, and no more', async () => {
    expect((await load(exporting(10_000))).table).toHaveLength(10_000);
    await expect(load(exporting(10_001))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_OPTION',
      message: expect.stringMatching(/guests\.wide\.functions: .*at most 10000 functions.*got 10001/),
    });
  });

  it('a guest whose names are very long has to be listed as well', async () => {
    const long = exporting(20, (index) => String(index).padStart(60_000, '0'));
    await expect(load(long)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_OPTION' });
  });

  it('of a guest with 100,000 exports the listed ones alone are taken, and one with more is refused', async () => {
    const { guests, table } = await load(exporting(100_000), ['7', '99999']);
    expect(guests[0]?.functions).toEqual(['7', '99999']);
    expect(table).toHaveLength(2);
    await expect(load(exporting(100_001), ['7'])).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_NOT_WASM',
      message: expect.stringMatching(/wide: .*at most 100000 exports, got 100001/),
    });
  });
});
