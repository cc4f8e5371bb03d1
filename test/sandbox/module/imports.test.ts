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
    const guarded = guardImports({ env: {} }, { env: ['now'], constructor: ['constructor'] }) as WebAssembly.Imports;
    expect(() => new WebAssembly.Instance(new WebAssembly.Module(escape), guarded)).toThrow(WebAssembly.LinkError);
  });

  it('importing ("constructor", "constructor") is refused from the bytes alone', () => {
    expect(() => checkImports('guest', importsOf(escape), {})).toThrow(
      expect.objectContaining({ code: 'ERR_SANDTUNE_IMPORT_NOT_ALLOWED', outcome: 'rejected', stage: 'admit' }),
    );
  });
});

describe('guardImports', () => {
  const now = () => 1;

  it('guardImports passes own properties that are on the list and nothing else', () => {
    const guarded = guardImports({ env: { now, secret: now }, other: { now } }, { env: ['now', 'missing'] });
    expect(Object.keys(guarded)).toEqual(['env']);
    expect(Object.keys(guarded['env'] as object)).toEqual(['now']);
  });

  it('guardImports gives objects without prototype at either level that cannot be changed', () => {
    const guarded = guardImports({ env: { now } }, { env: ['now'] });
    expect(Object.getPrototypeOf(guarded)).toBeNull();
    expect(Object.getPrototypeOf(guarded['env'])).toBeNull();
    expect(Object.isFrozen(guarded) && Object.isFrozen(guarded['env'])).toBe(true);
  });

  it('guardImports does not take inherited properties for own ones', () => {
    const inherited = Object.create({ now }) as Record<string, unknown>;
    expect(Object.keys(guardImports({ env: inherited }, { env: ['now', 'toString'] })['env'] as object)).toEqual([]);
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

  it('checkImports refuses memories, tables and references even when they are listed', () => {
    refused('(module (import "env" "memory" (memory 1)))', { env: ['memory'] });
    refused('(module (import "env" "table" (table 1 funcref)))', { env: ['table'] });
    refused('(module (import "env" "take" (func (param externref))))', { env: ['take'] });
  });
});
