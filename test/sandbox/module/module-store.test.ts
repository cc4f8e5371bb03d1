import { expect, it } from 'vitest';
import { ModuleStore } from '../../../src/sandbox/module/module-store.ts';
import { assemble } from '../assemble.ts';

/** What V8 itself says of these bytes. */
async function refusalOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return WebAssembly.compile(bytes).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

const small = assemble('(module (memory 1) (func (export "f")))');

it('the module store compiles the same bytes under the same cap once, also at the same time', async () => {
  const store = new ModuleStore();
  const [one, other] = await Promise.all([store.load(small, 4), store.load(new Uint8Array(small), 4)]);
  expect(other.module).toBe(one.module);
  expect(store.size).toBe(1);
});

it('the module store keeps modules with different caps apart', async () => {
  const store = new ModuleStore();
  const [one, other] = [await store.load(small, 4), await store.load(small, 5)];
  expect(other.module).not.toBe(one.module);
});

it('the module store refuses bytes that look like a module and are none', async () => {
  const truncatedCode = small.slice(0, -1);
  truncatedCode[truncatedCode.length - 1] = 0xff;
  await expect(new ModuleStore().load(truncatedCode, 4)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_NOT_WASM' });
});

it('the module store refuses what rewriting would mend, in the words V8 has for the original', async () => {
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  // A maximum above what a memory can have, one below the minimum, and a byte behind the last memory.
  for (const section of [
    [5, 6, 1, 1, 0, 0x81, 0x80, 4],
    [5, 4, 1, 1, 2, 1],
    [5, 4, 1, 0, 1, 0],
  ]) {
    const bytes = Uint8Array.of(...magic, ...section);
    const theirs = await refusalOf(bytes);
    await expect(new ModuleStore().load(bytes, 4)).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_NOT_WASM',
      message: expect.stringContaining(theirs),
    });
  }
});

it('the offset in the error of an invalid module is that of the original', async () => {
  const invalid = assemble('(module (memory 1) (func (export "f") (result i32) i32.const 1))');
  invalid[invalid.lastIndexOf(0x41)] = 0x42;
  const theirs = await refusalOf(invalid);
  await expect(new ModuleStore().load(invalid, 4)).rejects.toMatchObject({
    message: expect.stringContaining(theirs),
  });
});
