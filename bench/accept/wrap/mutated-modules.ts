/**
 * Real and hand-written modules with seeded damage, and what is right to make of one: what V8 refuses is
 * refused; what it takes is taken or refused by a rule of ours, with the imports and exports V8 sees in it;
 * and a refusal is always a typed error.
 *
 *   seed module ── mutate ──▶ bytes ── faultOf ──▶ null, or what is wrong, in words
 */
import wabtInit from 'wabt';
import { demoGuests } from '../../../examples/demo/guests/catalogue.ts';
import { isSandtuneError, messageOf } from '../../../src/foundation/errors.ts';
import type { RandomSource } from '../../../src/foundation/random.ts';
import { ModuleStore, type StoredModule } from '../../../src/sandbox/module/module-store.ts';
import { readSections, sectionIds } from '../../../src/sandbox/module/sections.ts';

/** One of each kind of section and type that a loader may stumble over. */
const texts = [
  '(module (memory 1 2) (func (export "f") (param i32 i64 f32 f64) (result i32) i32.const 1) (func (export "__proto__")) (func (export "then")))',
  '(module (memory 1) (memory 2 9) (func (export "f")))',
  '(module (memory i64 1) (func (export "f")))',
  '(module (memory 1 2 shared) (func (export "f")))',
  '(module (import "env" "f" (func (param i32))) (import "env" "g" (global i32)) (import "env" "m" (memory 1 2)) (import "env" "t" (table 1 funcref)) (func (export "f")))',
  '(module (tag (param i32)) (func (export "f") (try (do) (catch_all))))',
  '(module (func $a (export "a")) (func (export "f") return_call $a))',
  '(module (table 1 externref) (func (export "f") (param externref) (result funcref) ref.null func))',
  '(module (func (export "f") (param v128)))',
  '(module (memory 1) (data (i32.const 0) "abc") (func) (elem func 0) (table 1 funcref) (func (export "f")))',
  '(module (start 0) (func))',
];
const features = {
  multi_memory: true,
  memory64: true,
  threads: true,
  exceptions: true,
  tail_call: true,
  reference_types: true,
  simd: true,
};

export async function seedModules(): Promise<readonly Uint8Array[]> {
  const wabt = await wabtInit();
  const written = texts.map((text) => new Uint8Array(wabt.parseWat('seed.wat', text, features).toBinary({}).buffer));
  return [...Object.values(demoGuests()).map(({ module }) => module), ...written];
}

/** Bytes that mean something to a loader: ids of sections, types, forms, ends of numbers. */
const telling = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0x40, 0x4e, 0x50, 0x5e, 0x5f, 0x60, 0x63, 0x64, 0x69, 0x6f, 0x70, 0x7b, 0x7f, 0x80, 0xff,
];
const headerBytes = 8;

/** The module with one to four damages, half of them where its sections begin. */
export function mutate(module: Uint8Array, random: RandomSource): Uint8Array<ArrayBuffer> {
  const below = (count: number) => Math.floor(random() * count);
  const bytes = [...module];
  const reach = Math.max(1, (below(2) === 0 ? bytes.length : Math.min(bytes.length, 400)) - headerBytes);
  for (let left = below(2) === 0 ? 1 : 1 + below(4); left > 0; left--) {
    const at = headerBytes + below(reach);
    const damages: readonly (() => void)[] = [
      () => void (bytes[at] = below(256)),
      () => void (bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))),
      () => void bytes.splice(at, 1),
      () => void bytes.splice(at, 0, below(256)),
      () => void bytes.splice(at, 0, ...[0x80, 0x80, 0x00].slice(below(3))),
      () => void (bytes[at] = telling[below(telling.length)] ?? 0),
      () => void bytes.splice(headerBytes + below(reach), 0, ...bytes.slice(at, at + below(12))),
      () => void (bytes.length = Math.max(headerBytes, Math.min(at, bytes.length))),
    ];
    damages[below(damages.length)]?.();
  }
  // A hole that an assignment behind the end has left is a zero.
  return Uint8Array.from(bytes, (byte) => byte ?? 0);
}

type Load = (bytes: Uint8Array, maxPages: number) => Promise<StoredModule>;

/** What is wrong with how `load` takes these bytes; null where nothing is. @param load as `ModuleStore` does */
export async function faultOf(
  bytes: Uint8Array<ArrayBuffer>,
  load: Load = (...given) => new ModuleStore().load(...given),
): Promise<string | null> {
  const isValid = WebAssembly.validate(bytes);
  try {
    const { module, shape } = await load(bytes, 4096);
    if (!isValid) return 'taken, though V8 refuses it';
    const exported = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'function');
    const imported = WebAssembly.Module.imports(module).map(({ module: from, name, kind }) => [from, name, kind]);
    const sees = JSON.stringify([
      [...shape.functions.keys()],
      shape.imports.map(({ module: from, name, kind }) => [from, name, kind]),
    ]);
    return sees === JSON.stringify([exported.map(({ name }) => name), imported]) ? null : `read as ${sees}`;
  } catch (error) {
    if (!isSandtuneError(error)) return `not a typed error: ${messageOf(error)}`;
    if (!isValid || error.code === 'ERR_SANDTUNE_MEMORY_ABOVE_CAP') return null;
    if (mayBeCollected(bytes) || importedMemories(bytes) > 1) return null;
    return `refused, though V8 takes it: ${error.message}`;
  }
}

function importedMemories(bytes: Uint8Array<ArrayBuffer>): number {
  return WebAssembly.Module.imports(new WebAssembly.Module(bytes)).filter(({ kind }) => kind === 'memory').length;
}

/** Forms of the types that are garbage-collected, which a guest may not have. */
const collected = [0x4e, 0x4f, 0x50, 0x5e, 0x5f];

function mayBeCollected(bytes: Uint8Array): boolean {
  const types = readSections(bytes).find(({ id }) => id === sectionIds.type);
  return types !== undefined && bytes.subarray(types.content, types.end).some((byte) => collected.includes(byte));
}
