/** The part of the package `tap` that the tests of piscina 4 use, on Node's own test runner. */
import assert from 'node:assert/strict';
import { test as nodeTest, type TestContext } from 'node:test';

type Body = (t: object) => unknown;

export function test(name: string, ...rest: (object | Body)[]): Promise<void> {
  return run(nodeTest, name, rest);
}

function run(inner: typeof nodeTest, name: string, rest: readonly (object | Body)[]): Promise<void> {
  const body = rest.find((one): one is Body => typeof one === 'function');
  const options = rest.find((one) => typeof one === 'object') ?? {};
  return inner(name, options, async (context) => {
    await body?.(assertionsOf(context));
  });
}

function assertionsOf(context: TestContext): object {
  return {
    test: (name: string, ...rest: (object | Body)[]) => run(context.test.bind(context) as typeof nodeTest, name, rest),
    equal: assert.equal,
    not: assert.notEqual,
    ok: (value: unknown, message?: string) => assert.ok(value, message ?? 'not ok'),
    notOk: (value: unknown, message?: string) => assert.ok(!value, message ?? 'ok'),
    same: assert.deepEqual,
    strictSame: assert.deepEqual,
    match: (text: string, pattern: RegExp) =>
      typeof pattern === 'object' && !(pattern instanceof RegExp)
        ? assert.partialDeepStrictEqual(text, pattern)
        : assert.match(text, pattern),
    throws: (work: () => unknown, ...wanted: never[]) => assert.throws(work, ...wanted),
    rejects: (work: Promise<unknown>, ...wanted: never[]) => assert.rejects(work, ...wanted),
    resolves: (work: Promise<unknown> | (() => Promise<unknown>)) => assert.doesNotReject(work),
    fail: (message?: string) => assert.fail(message),
    pass() {},
    comment() {},
    plan() {},
    end() {},
    teardown: (work: () => void) => context.after(work),
  };
}
