/**
 * What a module asks for and offers, read from its bytes before anything is compiled: imports with
 * their kinds, exported functions with their signatures.
 *
 *   type ─▶ signatures ─┐
 *   import ─▶ imported functions' signatures ─┤
 *   function ─▶ own functions' signatures ─┴─▶ export ─▶ name → signature
 *
 * Garbage-collected types are refused: a guest that exhausts them ends the whole process. Counts are
 * held to V8's own limits, or lower ones, before anything is read, and of the types only those that an import or an
 * export has are kept: a module we cannot use must not cost more than its bytes.
 *
 * @see https://webassembly.github.io/spec/js-api/#limits
 */
import type { SandtuneError } from '../../foundation/errors.ts';
import { type ByteReader, notWasm } from './byte-reader.ts';
import { type MemoryLimits, readMemoryLimits } from './memory-limits.ts';
import { type Section, sectionIds, sectionReader } from './sections.ts';

/** `ref`: any reference type; it cannot be passed to or from a guest. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'ref';

export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportShape {
  readonly module: string;
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
  /** Of a function; of a global its one type is `results[0]`. */
  readonly signature: Signature | undefined;
  /** Of a memory. */
  readonly memory: MemoryLimits | undefined;
}

export interface ModuleShape {
  readonly imports: readonly ImportShape[];
  readonly functions: ReadonlyMap<string, Signature>;
  /** Name of an exported memory → its index. */
  readonly memories: ReadonlyMap<string, number>;
  /** Whenever it is instantiated it calls a function of its own, or puts segments into memories or tables. */
  readonly mayTrapAtStart: boolean;
}

/** V8 refuses to compile a module with more entries of one kind, or a type with more values. */
const mostEntries = 1_000_000;
const mostValues = 1000;
/**
 * Imports and exports are kept far below V8's limit, because each costs every worker some hundred bytes and a
 * microsecond whenever the guest is brought up.
 */
const mostNames = 100_000;

/** Sections of which instantiating a module may trap. */
const trapping: readonly number[] = [sectionIds.start, sectionIds.element, sectionIds.data];

/** @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM */
export function describeModule(bytes: Uint8Array, sections: readonly Section[]): ModuleShape {
  const types = new Types(sectionReader(bytes, sections, sectionIds.type));
  const imports = readImports(sectionReader(bytes, sections, sectionIds.import), types);
  const imported = imports.filter(({ kind }) => kind === 'function').map(({ signature }) => signature as Signature);
  const own = readOwnTypes(sectionReader(bytes, sections, sectionIds.function));
  const signatureOf = (index: number): Signature => {
    const found = imported[index];
    if (found) return found;
    const type = own[index - imported.length];
    if (type === undefined) throw outOfRange('function', index, imported.length + own.length);
    return types.at(type);
  };
  return {
    imports,
    ...readExports(sectionReader(bytes, sections, sectionIds.export), signatureOf),
    mayTrapAtStart: sections.some(({ id }) => trapping.includes(id)),
  };
}

/** First bytes of a type. */
const forms = { group: 0x4e, finalSub: 0x4f, sub: 0x50, function: 0x60 } as const;

/** The types of a module by their index. Each is read from its place in the bytes when it is first asked for. */
class Types {
  readonly #reader: ByteReader | undefined;
  readonly #offsets: number[] = [];
  readonly #read = new Map<number, Signature>();

  /** Goes over all types once, so that each of them can be read later without an error. */
  constructor(reader: ByteReader | undefined) {
    this.#reader = reader;
    if (!reader) return;
    for (let remaining = reader.count(mostEntries, 'types'); remaining > 0; remaining--) this.#skipGroup(reader);
  }

  /** One entry of the section: a type, or types that may name one another. */
  #skipGroup(reader: ByteReader): void {
    const form = reader.byte();
    if (form !== forms.group) return this.#skipType(reader, form);
    for (let remaining = reader.count(mostEntries, 'types'); remaining > 0; remaining--)
      this.#skipType(reader, reader.byte());
  }

  #skipType(reader: ByteReader, first: number): void {
    let form = first;
    if (form === forms.sub || form === forms.finalSub) {
      for (let remaining = reader.count(mostValues, 'supertypes'); remaining > 0; remaining--) reader.unsigned();
      form = reader.byte();
    }
    if (form !== forms.function) {
      const got = `got form 0x${form.toString(16)}`;
      throw notWasm(`module: expected function types only (form 0x60; garbage-collected types are off), ${got}`);
    }
    if (this.#offsets.push(reader.offset) > mostEntries)
      throw notWasm(`module: expected at most ${mostEntries} types, got more`);
    for (const what of ['parameters', 'results']) {
      for (let remaining = reader.count(mostValues, what); remaining > 0; remaining--) readValueType(reader);
    }
  }

  at(index: number): Signature {
    const known = this.#read.get(index);
    if (known) return known;
    const offset = this.#offsets[index];
    if (!this.#reader || offset === undefined) throw outOfRange('type', index, this.#offsets.length);
    this.#reader.offset = offset;
    const signature = { params: readValueTypes(this.#reader), results: readValueTypes(this.#reader) };
    this.#read.set(index, signature);
    return signature;
  }
}

/** Type index of each function of the module's own. */
function readOwnTypes(reader: ByteReader | undefined): Uint32Array {
  const types = new Uint32Array(reader?.count(mostEntries, 'functions') ?? 0);
  if (reader) for (let index = 0; index < types.length; index++) types[index] = reader.unsigned();
  return types;
}

function readValueTypes(reader: ByteReader): ValueType[] {
  const types: ValueType[] = [];
  for (let remaining = reader.unsigned(); remaining > 0; remaining--) types.push(readValueType(reader));
  return types;
}

function readValueType(reader: ByteReader): ValueType {
  const code = reader.byte();
  switch (code) {
    case 0x7f:
      return 'i32';
    case 0x7e:
      return 'i64';
    case 0x7d:
      return 'f32';
    case 0x7c:
      return 'f64';
    case 0x7b:
      return 'v128';
    case 0x63:
    case 0x64:
      reader.skipSigned();
      return 'ref';
    default:
      if (code >= 0x68 && code <= 0x74) return 'ref';
      throw notWasm(`module: expected a value type, got 0x${code.toString(16)}`);
  }
}

function readImports(reader: ByteReader | undefined, types: Types): ImportShape[] {
  const imports: ImportShape[] = [];
  if (!reader) return imports;
  for (let remaining = reader.count(mostNames, 'imports'); remaining > 0; remaining--) {
    const module = reader.name();
    const name = reader.name();
    imports.push({ module, name, ...readImportKind(reader, types) });
  }
  return imports;
}

function readImportKind(reader: ByteReader, types: Types): Omit<ImportShape, 'module' | 'name'> {
  const code = reader.byte();
  switch (code) {
    case 0:
      return { kind: 'function', signature: types.at(reader.unsigned()), memory: undefined };
    case 1:
      readValueType(reader);
      skipLimits(reader);
      return { kind: 'table', signature: undefined, memory: undefined };
    case 2:
      return { kind: 'memory', signature: undefined, memory: readMemoryLimits(reader, 'imported memory') };
    case 3: {
      const type = readValueType(reader);
      reader.byte();
      return { kind: 'global', signature: { params: [], results: [type] }, memory: undefined };
    }
    case 4:
      reader.byte();
      reader.unsigned();
      return { kind: 'tag', signature: undefined, memory: undefined };
    default:
      throw notWasm(`module: expected an import of kind 0 to 4, got ${code}`);
  }
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.byte();
  reader.unsigned(64);
  if (flags & 1) reader.unsigned(64);
}

function readExports(
  reader: ByteReader | undefined,
  signatureOf: (index: number) => Signature,
): Pick<ModuleShape, 'functions' | 'memories'> {
  const functions = new Map<string, Signature>();
  const memories = new Map<string, number>();
  if (!reader) return { functions, memories };
  for (let remaining = reader.count(mostNames, 'exports'); remaining > 0; remaining--) {
    const name = reader.name();
    const kind = reader.byte();
    const index = reader.unsigned();
    if (kind === 0) functions.set(name, signatureOf(index));
    else if (kind === 2) memories.set(name, index);
  }
  return { functions, memories };
}

function outOfRange(what: string, index: number, count: number): SandtuneError {
  return notWasm(`module: expected ${what} index below ${count}, got ${index}`);
}
