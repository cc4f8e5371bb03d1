import { describe, expect, it } from 'vitest';
import { describeModule } from '../../../src/sandbox/module/describe-module.ts';
import { checkImports, guardImports } from '../../../src/sandbox/module/imports.ts';
import { readSections } from '../../../src/sandbox/module/sections.ts';
import { assemble } from '../assemble.ts';

/** Asks for Object.prototype.constructor.constructor, which is JavaScript's Function. */
const escape = assemble(`(module (import "constructor" "constructor" (func $function (result externref)))
  (func (export "escape") (result externref) (call $function)))`);

function importsOf(bytes: Uint8Array<ArrayBuffer>) {
  return describeModule(bytes, readSections(bytes)).imports;
}

describe('the escape through ("constructor", "constructor")', () => {
  it('importing ("constructor", "constructor") from an ordinary object gives a guest Function, so there is something to guard', () => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(escape), { env: {} } as WebAssembly.Imports);
    const made = (instance.exports['escape'] as () => unknown)();
    expect(made).toBeInstanceOf(Function);
  });

  it('importing ("constructor", "constructor") from the guarded object finds nothing, even when the host lists the names', () => {
    for (const names of [['constructor'], '*'] as const) {
      const guarded = guardImports({ env: {} }, { env: ['now'], constructor: names }, importsOf(escape));
      expect(() => new WebAssembly.Instance(new WebAssembly.Module(escape), guarded as WebAssembly.Imports)).toThrow(
        WebAssembly.LinkError,
      );
    }
  });

  it('importing ("constructor", "constructor") is refused from the bytes alone', () => {
    expect(() => checkImports('guest', importsOf(escape), {})).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED', outcome: 'rejected', stage: 'admit' }),
    );
  });
});

describe('checkImports', () => {
  const asks = (...names: string[]) =>
    importsOf(assemble(`(module ${names.map((name) => `(import "./lz4_bg.js" "${name}" (func))`).join(' ')})`));

  it('checkImports says the line that allows what the binding supplies', () => {
    expect(() => checkImports('lz4', asks('now'), {})).toThrow(
      /got function "\.\/lz4_bg\.js" "now"; to allow what its binding supplies: allowImports: \{ '\.\/lz4_bg\.js': '\*' \}$/,
    );
  });

  it('checkImports tells a module and a name that may be misspelt in allowImports', () => {
    expect(() => checkImports('lz4', asks('now'), { './lz_bg.js': '*' })).toThrow(
      /; allowImports has "\.\/lz_bg\.js": did you mean "\.\/lz4_bg\.js"\?$/,
    );
    expect(() => checkImports('lz4', asks('now'), { './lz4_bg.js': ['nwo'] })).toThrow(
      /; allowImports\["\.\/lz4_bg\.js"\] has "nwo": did you mean "now"\?$/,
    );
  });

  it('an import whose type the host declares is of that type and no other', () => {
    const asked = (type: string) => importsOf(assemble(`(module (import "env" "now" ${type}))`));
    const allow = { env: { now: { params: ['i32', 'i64'], results: ['f64'] } } } as const;
    checkImports('guest', asked('(func (param i32 i64) (result f64))'), allow);
    for (const [type, text] of [
      ['(func (param i64 i32) (result f64))', '\\(i64, i32\\) → \\(f64\\)'],
      ['(func)', '\\(\\) → \\(\\)'],
      ['(func (param i32 i64) (result externref))', '\\(i32, i64\\) → \\(ref\\)'],
      ['(global i32)', 'a global'],
    ] as const)
      expect(() => checkImports('guest', asked(type), allow)).toThrow(
        new RegExp(
          `^guest: expected its import "env" "now" to be \\(i32, i64\\) → \\(f64\\), as allowImports says, got ${text}$`,
        ),
      );
    for (const name of ['other', 'constructor', '__proto__'])
      expect(() =>
        checkImports('guest', importsOf(assemble(`(module (import "env" "${name}" (func)))`)), allow),
      ).toThrow(/expected imports on the list allowImports \(env\.now\)/);
  });

  it('what a binding supplies goes to V8 as it is, so that an export of another instance is called without a wrapper', () => {
    const other = new WebAssembly.Instance(
      new WebAssembly.Module(assemble('(module (func (export "now") (result f64) (f64.const 1)))')),
    );
    const supplied = { env: { now: other.exports['now'] } };
    const bytes = assemble('(module (import "env" "now" (func $now (result f64))) (export "same" (func $now)))');
    const allow = { env: { now: { params: [], results: ['f64'] } } } as const;
    const guarded = guardImports(supplied, allow, importsOf(bytes)) as WebAssembly.Imports;
    expect(new WebAssembly.Instance(new WebAssembly.Module(bytes), guarded).exports['same']).toBe(other.exports['now']);
  });

  it('checkImports takes what the guest imports for no misspelling', () => {
    expect(() => checkImports('lz4', asks('open', 'opens'), { './lz4_bg.js': ['open'] })).toThrow(
      /got function .* "opens"; to allow /,
    );
  });
});

describe('guardImports', () => {
  const now = () => 1;
  const asked = (...names: string[]) => names.map((name) => ({ module: 'env', name, kind: 'function' }));

  it('guardImports passes own properties that are asked for and on the list, and nothing else', () => {
    const supplied = { env: { now, secret: now, unasked: now }, other: { now } };
    const guarded = guardImports(supplied, { env: ['now', 'missing', 'unasked'] }, asked('now', 'secret', 'missing'));
    expect(Object.keys(guarded)).toEqual(['env']);
    expect(Object.keys(guarded['env'] as object)).toEqual(['now']);
  });

  it("guardImports passes with '*' every own property that is asked for", () => {
    const guarded = guardImports({ env: { now, secret: now } }, { env: '*' }, asked('now', 'secret', 'toString'));
    expect(Object.keys(guarded['env'] as object)).toEqual(['now', 'secret']);
  });

  it('guardImports gives objects without prototype at either level that cannot be changed', () => {
    const guarded = guardImports({ env: { now } }, { env: ['now'] }, asked('now'));
    expect(Object.getPrototypeOf(guarded)).toBeNull();
    expect(Object.getPrototypeOf(guarded['env'])).toBeNull();
    expect(Object.isFrozen(guarded) && Object.isFrozen(guarded['env'])).toBe(true);
  });

  it('guardImports does not take inherited properties for own ones, listed or not', () => {
    const inherited = Object.create({ now }) as Record<string, unknown>;
    for (const names of [['now', 'toString'], '*'] as const) {
      const guarded = guardImports({ env: inherited }, { env: names }, asked('now', 'toString'));
      expect(Object.keys(guarded['env'] as object)).toEqual([]);
    }
  });
});

describe('checkImports', () => {
  const refused = (text: string, allow: Record<string, string[]>) =>
    expect(() => checkImports('guest', importsOf(assemble(text)), allow)).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED' }),
    );

  it('checkImports lets listed functions and globals through', () => {
    const bytes = assemble('(module (import "env" "now" (func (result f64))) (import "env" "base" (global i32)))');
    expect(() => checkImports('guest', importsOf(bytes), { env: ['now', 'base'] })).not.toThrow();
  });

  it('checkImports refuses a name or a module that is not listed', () => {
    refused('(module (import "env" "now" (func)))', { env: ['later'] });
    refused('(module (import "evil" "now" (func)))', { env: ['now'] });
  });

  it("checkImports lets every name of a module through that is listed with '*', and no other module", () => {
    const bytes = assemble('(module (import "env" "now" (func)) (import "env" "table" (table 1 funcref)))');
    expect(() => checkImports('guest', importsOf(bytes), { env: '*' })).not.toThrow();
    expect(() => checkImports('guest', importsOf(bytes), { other: '*' })).toThrow(/other\.\*/);
  });

  it('checkImports lets an imported memory through without a list, and references only where they are listed', () => {
    const memory = assemble('(module (import "env" "memory" (memory 1)))');
    expect(() => checkImports('guest', importsOf(memory), {})).not.toThrow();
    const take = '(module (import "env" "take" (func (param externref))))';
    expect(() => checkImports('guest', importsOf(assemble(take)), { env: ['take'] })).not.toThrow();
    refused(take, {});
  });
});
