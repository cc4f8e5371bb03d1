import { expect, it } from 'vitest';
import { ModuleStore } from '../../../src/sandbox/module/module-store.ts';
import { assemble } from '../assemble.ts';

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
