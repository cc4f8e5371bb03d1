import { expect, it } from 'vitest';
import { assemblyScript, type Binding, emscripten, wasmBindgen } from '../../src/bindings/index.ts';
import { assemble } from '../sandbox/assemble.ts';

const module = new WebAssembly.Module(assemble('(module (func (export "seven") (result i32) i32.const 7))'));

/** What the functions of a binding give that is brought up as a worker does it. */
async function broughtUp({ imports, bind }: Binding): Promise<Record<string, unknown>> {
  const self = { module, memory: undefined, exports: undefined, instantiate: () => new WebAssembly.Instance(module) };
  await imports(self);
  const functions = Object.entries(await bind(self.instantiate().exports, self)) as [string, () => unknown][];
  return Object.fromEntries(functions.map(([name, call]) => [name, call()]));
}

type Receive = (instance: WebAssembly.Instance) => void;

/** As Emscripten modularizes it. */
const factory = async (options: Record<string, unknown>) => {
  const made = Promise.withResolvers<WebAssembly.Instance>();
  (options['instantiateWasm'] as (imports: object, receive: Receive) => void)({}, made.resolve);
  return { seven: (await made.promise).exports['seven'] as () => number };
};

it.each([
  ['its factory', factory],
  ['all that it exports', Object.freeze({ __proto__: null, default: factory })],
])('glue of Emscripten is taken as %s', async (_, glue) => {
  const binding = emscripten<{ seven: () => number }>(glue as typeof factory, ({ seven }) => ({
    seven: () => seven(),
  }));
  expect(await broughtUp(binding)).toEqual({ seven: 7 });
});

it('glue of wasm-bindgen for no modules, a function with the others as its properties, is taken', async () => {
  let exports: WebAssembly.Exports = {};
  const init = Object.assign(
    async (given: WebAssembly.Module) => void ({ exports } = new WebAssembly.Instance(given)),
    { seven: () => (exports['seven'] as () => number)() },
  );
  expect(await broughtUp(wasmBindgen(init as unknown as Record<string, unknown>))).toEqual({ seven: 7 });
});

it.each([
  ['emscripten() without glue', () => emscripten(undefined as never, () => ({})), /its Module, got undefined/],
  ['emscripten() without a choice', () => emscripten(factory, undefined as never), /second argument .* got undefined/],
  ['wasmBindgen() without glue', () => wasmBindgen(undefined as never), /import \* as glue, got undefined/],
  ['wasmBindgen() of a path', () => wasmBindgen('./glue.js' as never), /got ".\/glue.js"/],
  ['assemblyScript() of nothing', () => assemblyScript(null as never), /undefined where there is none, got null/],
])('%s says what it expects when the binding is loaded', (_, make, message) => {
  expect(make).toThrow(message);
});
