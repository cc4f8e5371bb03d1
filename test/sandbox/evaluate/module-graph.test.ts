import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { ModuleGraph } from '../../../src/sandbox/evaluate/module-graph.ts';
import { ModuleSources } from '../../../src/sandbox/evaluate/module-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;

/** Writes these files, and gives what evaluates the first of them anew. */
function modules<T>(files: Readonly<Record<string, string>>): () => Promise<T> {
  const here = join(folder, `${folders++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(here, name)), { recursive: true });
    writeFileSync(join(here, name), text);
  }
  const sources = new ModuleSources();
  const resolve = (specifier: string, parent: string) =>
    specifier.startsWith('.') ? new URL(specifier, parent).href : specifier;
  const first = pathToFileURL(join(here, Object.keys(files)[0] as string)).href;
  return async () => (await new ModuleGraph({ sources, resolve, instantiate: () => ({}) }).import(first)) as T;
}

const counter = 'let n = 0; export const next = () => ++n;';

it('two graphs share no variable of a module, whether it was imported, required or imported later', async () => {
  const evaluate = modules<{ all: () => Promise<unknown> }>({
    'a.mjs': `import { next } from './b.mjs'; import c from './c.cjs'; import { createRequire } from 'node:module';
      const again = createRequire(import.meta.url)('./c.cjs');
      export const all = async () => [next(), c.next(), again.next(), c.late(), (await import('./b.mjs')).next()];`,
    'b.mjs': counter,
    'c.cjs': 'let n = 0; exports.next = () => ++n; exports.late = () => require("./d.cjs").next();',
    'd.cjs': 'let n = 0; exports.next = () => ++n;',
  });
  const call = async () => (await evaluate()).all();
  expect([await call(), await call()]).toEqual([
    [1, 1, 2, 1, 2],
    [1, 1, 2, 1, 2],
  ]);
});

it('imports are live: what a module assigns later is seen by those that import it', async () => {
  const evaluate = modules<{ use: (value: number) => unknown; again: number; same: number }>({
    'a.mjs': `import { set, value as v } from './b.mjs'; import * as all from './b.mjs';
      export { value as again } from './b.mjs'; export { v as same };
      export const use = (given) => { set(given); const set2 = (v) => v; return [v, all.value, set2(7)]; };`,
    'b.mjs': 'export let value; export function set(given) { value = given; }',
  });
  const module = await evaluate();
  expect([module.use(1), module.again, module.same]).toEqual([[1, 1, 7], 1, 1]);
});

it('modules in a cycle see one another, and each is evaluated once', async () => {
  const evaluate = modules<{ both: () => unknown }>({
    'a.mjs': `import { b, fromA } from './b.mjs'; export const a = 'a'; export const both = () => [a, b, fromA()];`,
    'b.mjs': `import { a } from './a.mjs'; export const b = 'b'; export const fromA = () => a;`,
  });
  expect((await evaluate()).both()).toEqual(['a', 'b', 'a']);
});

it('every form of export is found under its name', async () => {
  const evaluate = modules<Record<string, unknown>>({
    'a.mjs': `#!/usr/bin/env node
export const one = 1, { two, three: [three] } = { two: 2, three: [3] }; export default class {}
export function four() { return 4; } export async function* five() {} export class Six {}
const seven = 7; export { seven as 'the seventh', seven as eight }; export * from './b.mjs'; export * as inner from './b.mjs';
export { default as nine } from './b.mjs';`,
    'b.mjs': "export const inB = 'b'; export default (() => 9)();",
  });
  const module = await evaluate();
  expect(Object.keys(module)).toEqual(
    ['Six', 'default', 'eight', 'five', 'four', 'inB', 'inner', 'nine', 'one', 'the seventh', 'three', 'two'].sort(),
  );
  expect(module).toMatchObject({ one: 1, two: 2, three: 3, eight: 7, 'the seventh': 7, inB: 'b', nine: 9 });
  expect(typeof module['default']).toBe('function');
});

it('modules that export one another again end in the names that each has', async () => {
  const evaluate = modules<object>({
    'a.mjs': "export * from './b.mjs'; export const a = 1;",
    'b.mjs': "export * from './a.mjs'; export const b = 2;",
  });
  expect({ ...(await evaluate()) }).toEqual({ a: 1, b: 2 });
});

it('a module that awaits is waited for, by those that import it too', async () => {
  const evaluate = modules({
    'a.mjs': "import { value } from './b.mjs'; export const twice = value * 2;",
    'b.mjs': 'export const value = await new Promise((resolve) => setImmediate(resolve, 21));',
  });
  expect(await evaluate()).toMatchObject({ twice: 42 });
});

it('an error tells the file and the line of the module as it was written', async () => {
  const evaluate = modules<{ run: () => void }>({
    'a.mjs': "import {\n  fail,\n} from './b.mjs';\nexport const run = () => fail();",
    'b.mjs': "import 'node:fs';\n\nexport const fail = () => {\n  throw new Error('here');\n};",
  });
  const { run } = await evaluate();
  expect(() => run()).toThrow(expect.objectContaining({ stack: expect.stringMatching(/b\.mjs:4:9[\s\S]*a\.mjs:4:/) }));
});

it('JSON, types and the formats that Node tells apart by their text are read as Node reads them', async () => {
  const evaluate = modules({
    'a.ts': `import data from './data.json' with { type: 'json' };
      import { n } from './plain.js'; import common from './common.js';
      export const all: readonly unknown[] = [data.n, n, common.n, import.meta.dirname === process.cwd()];`,
    'data.json': '{"n": 1}',
    'plain.js': 'export const n = 2;',
    'common.js': 'exports.n = 3; // import nothing',
    'package.json': '{}',
  });
  expect(await evaluate()).toMatchObject({ all: [1, 2, 3, false] });
});

it('a name that is not exported and a text that is no module are syntax errors', async () => {
  await expect(modules({ 'a.mjs': "import { b } from './b.mjs';", 'b.mjs': 'export const c = 1;' })()).rejects.toThrow(
    /expected '\.\/b\.mjs' to export 'b'/,
  );
  await expect(modules({ 'a.mjs': 'export function bind( {' })()).rejects.toThrow(SyntaxError);
});

it('what a graph has evaluated is collected once nobody holds it', async () => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const evaluate = modules<object>({
    'a.mjs': "import { big } from './b.mjs'; export const size = () => big.length;",
    'b.mjs': 'export const big = new Array(100_000).fill(0);',
  });
  const held: WeakRef<object>[] = [];
  for (let i = 0; i < 20; i++) held.push(new WeakRef(await evaluate()));
  for (let i = 0; i < 5; i++) {
    await new Promise((done) => setImmediate(done));
    collect();
  }
  expect(held.filter((one) => one.deref() !== undefined).length).toBeLessThan(3);
});

it('require.cache has the CommonJS modules of its own graph, with those that required them', async () => {
  const evaluate = modules<{ default: { seen: () => unknown } }>({
    'a.mjs': `export { default } from './b.cjs';`,
    'b.cjs': `const c = require('./c.cjs'); require('./c.cjs');
      exports.seen = () => [c.seen(), module.loaded, module.children.length, module.children[0].exports === c];`,
    'c.cjs': `exports.seen = () => [
      Object.keys(require.cache).map((path) => path.slice(-5)), module.parent.filename.slice(-5),
      require.cache[module.parent.filename].children.includes(module), module.require('./d.json').d ];`,
    'd.json': '{ "d": 4 }',
  });
  const seen = [[['b.cjs', 'c.cjs'], 'b.cjs', true, 4], true, 1, true];
  expect([(await evaluate()).default.seen(), (await evaluate()).default.seen()]).toEqual([seen, seen]);
});

it('a CommonJS module that is taken out of require.cache is evaluated anew, and one that is put there is given', async () => {
  const evaluate = modules<{ default: unknown }>({
    'a.cjs': `const next = () => require('./b.cjs').next(); const path = require.resolve('./b.cjs');
      const before = [next(), next()]; delete require.cache[path]; const after = next();
      require.cache[path] = { exports: { next: () => 'mine' } }; exports.all = [...before, after, next()];`,
    'b.cjs': 'let n = 0; exports.next = () => ++n;',
  });
  expect((await evaluate()).default).toEqual({ all: [1, 2, 1, 'mine'] });
});

it('a package.json in the folder of a module says what its .js files are', async () => {
  const evaluate = modules<{ default: unknown }>({
    'a.mjs': `export { default } from './sub/b.js';`,
    'package.json': '{ "type": "module" }',
    'sub/package.json': '{ "type": "commonjs" }',
    'sub/b.js': 'module.exports = typeof require;',
  });
  expect((await evaluate()).default).toBe('function');
});

it('the source of a .wasm file is imported compiled and not evaluated, and that of anything else is refused', async () => {
  const evaluate = modules<{ m: unknown; again: Promise<unknown>; other: () => Promise<unknown> }>({
    'a.mjs': `import source m from './b.wasm'; export { m };
      export const again = import.source('./b.wasm'); export const other = () => import.source('./c.mjs');`,
    'b.wasm': '\0asm\x01\0\0\0',
    'c.mjs': 'throw new Error("evaluated")',
  });
  const { m, again, other } = await evaluate();
  expect([m, await again]).toEqual([expect.any(WebAssembly.Module), expect.any(WebAssembly.Module)]);
  await expect(other()).rejects.toThrow(/c\.mjs/);
});
