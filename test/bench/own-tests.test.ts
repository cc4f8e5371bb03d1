import { expect, it } from 'vitest';
import { rewriteFixture, rewriteTest } from '../../bench/accept/wrap/own-tests/rewrite.ts';

const rewritten = (body: string) => rewriteTest(`import Piscina from '..';\n${body}`, { made: 'file:///made.ts' });

it.each([
  ["test('a', async () => { const pool = new Piscina<In>({ a: 1 }); });", '(await __made(Piscina, { a: 1 }))'],
  [
    "test('a', () => { const pool = new Piscina(); });",
    "test('a', async () => { const pool = (await __made(Piscina)); });",
  ],
  [
    "test('a', async (t) => { await t.test('b', () => { new Piscina({}); }); });",
    "'b', async () => { (await __made(Piscina, {})); }",
  ],
])("a pool of piscina's own tests is waited for (%#)", (body, expected) => {
  expect(rewritten(body).replaceAll(/ +/g, ' ')).toContain(expected);
});

it("a pool of piscina's own tests that is expected to throw is left as it is", () => {
  const body = "test('a', () => { assert.throws(() => new Piscina({ filename: 1 })); });";
  expect(rewritten(body)).toContain(body);
});

it("piscina's own tests import no types, find folders, and get the modules that stand for packages", () => {
  const source =
    "import { test, TestContext } from 'tap';\nimport Piscina, { PiscinaTask } from '..';\ntest('a', (t: TestContext) => Piscina);";
  const code = rewriteTest(source, { made: 'file:///made.ts', instead: { tap: 'file:///tap.ts' } });
  expect(code).toContain('import { test as test } from "file:///tap.ts";');
  expect(code).toContain('require("..")');
  expect(code).not.toContain('TestContext');
});

it("what a worker of piscina's own tests runs stays a CommonJS module, or a module, as it was", () => {
  expect(rewriteFixture("import { threadId } from 'worker_threads';\nmodule.exports = () => threadId;")).not.toContain(
    'import',
  );
  expect(rewriteFixture("import Piscina from '../..';\nexport default () => Piscina;")).toMatch(
    /^import .*export default/s,
  );
});
