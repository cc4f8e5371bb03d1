import { expect, it } from 'vitest';
import { assemblyScript } from '../../src/bindings/index.ts';
import { assemble } from '../sandbox/assemble.ts';

const text = `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "greet") (result i32) i32.const 7) (func (export "__new") (result i32) i32.const 0))`;

/** What the compiler writes for `--bindings raw`: the functions it adapts, which inherit the exports. */
const rawGlue = {
  instantiate: async (module: WebAssembly.Module) => {
    const { exports } = await WebAssembly.instantiate(module, {});
    return Object.setPrototypeOf({ greet: () => `hello ${(exports['greet'] as () => number)()}` }, exports) as object;
  },
};

it('raw glue of AssemblyScript offers the functions of numbers too, which it inherits, and what it adapts in place of them', async () => {
  const module = new WebAssembly.Module(assemble(text));
  const { imports, bind } = assemblyScript(rawGlue);
  const self = { module, memory: undefined, exports: undefined, instantiate: () => new WebAssembly.Instance(module) };
  await imports(self);
  const offered = (await bind(self.instantiate().exports, self)) as Record<string, (...args: number[]) => unknown>;
  expect([Object.keys(offered).sort(), offered['add']?.(2, 3), offered['greet']?.()]).toEqual([
    ['add', 'greet'],
    5,
    'hello 7',
  ]);
});
