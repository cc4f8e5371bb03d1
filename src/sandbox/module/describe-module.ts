/**
 * What a module asks for and offers, read from its bytes before anything is compiled: imports with
 * their kinds, exported functions with their signatures.
 *
 *   type ─▶ signatures ─┐
 *   import ─▶ imported functions' signatures ─┤
 *   function ─▶ own functions' signatures ─┴─▶ export ─▶ name → signature
 *
 * Garbage-collected types are refused: a guest that exhausts them ends the whole process.
 */
import { type ByteReader, notWasm } from './byte-reader.ts';
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
}

export interface ModuleShape {
  readonly imports: readonly ImportShape[];
  readonly functions: ReadonlyMap<string, Signature>;
}

/** @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM */
export function describeModule(bytes: Uint8Array, sections: readonly Section[]): ModuleShape {
  const types = readTypes(sectionReader(bytes, sections, sectionIds.type));
  const imports = readImports(sectionReader(bytes, sections, sectionIds.import), types);
  const signatures = imports.filter(({ kind }) => kind === 'function').map(({ signature }) => signature as Signature);
  const own = sectionReader(bytes, sections, sectionIds.function);
  if (own) for (let left = own.unsigned(); left > 0; left--) signatures.push(at(types, own.unsigned(), 'type'));
  return { imports, functions: readExports(sectionReader(bytes, sections, sectionIds.export), signatures) };
}

function readTypes(reader: ByteReader | undefined): Signature[] {
  const types: Signature[] = [];
  if (!reader) return types;
  for (let left = reader.unsigned(); left > 0; left--) {
    const form = reader.byte();
    if (form !== 0x60) {
      throw notWasm(
        `module: expected function types only (form 0x60; garbage-collected types are off), got form 0x${form.toString(16)}`,
      );
    }
    types.push({ params: readValueTypes(reader), results: readValueTypes(reader) });
  }
  return types;
}

function readValueTypes(reader: ByteReader): ValueType[] {
  const types: ValueType[] = [];
  for (let left = reader.unsigned(); left > 0; left--) types.push(readValueType(reader));
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

function readImports(reader: ByteReader | undefined, types: readonly Signature[]): ImportShape[] {
  const imports: ImportShape[] = [];
  if (!reader) return imports;
  for (let left = reader.unsigned(); left > 0; left--) {
    const module = reader.name();
    const name = reader.name();
    imports.push({ module, name, ...readImportKind(reader, types) });
  }
  return imports;
}

function readImportKind(reader: ByteReader, types: readonly Signature[]): Pick<ImportShape, 'kind' | 'signature'> {
  const code = reader.byte();
  switch (code) {
    case 0:
      return { kind: 'function', signature: at(types, reader.unsigned(), 'type') };
    case 1:
      readValueType(reader);
      skipLimits(reader);
      return { kind: 'table', signature: undefined };
    case 2:
      skipLimits(reader);
      return { kind: 'memory', signature: undefined };
    case 3: {
      const type = readValueType(reader);
      reader.byte();
      return { kind: 'global', signature: { params: [], results: [type] } };
    }
    case 4:
      reader.byte();
      reader.unsigned();
      return { kind: 'tag', signature: undefined };
    default:
      throw notWasm(`module: expected an import of kind 0 to 4, got ${code}`);
  }
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.byte();
  reader.unsigned(64);
  if (flags & 1) reader.unsigned(64);
}

function readExports(reader: ByteReader | undefined, signatures: readonly Signature[]): Map<string, Signature> {
  const functions = new Map<string, Signature>();
  if (!reader) return functions;
  for (let left = reader.unsigned(); left > 0; left--) {
    const name = reader.name();
    const kind = reader.byte();
    const index = reader.unsigned();
    if (kind === 0) functions.set(name, at(signatures, index, 'function'));
  }
  return functions;
}

function at(list: readonly Signature[], index: number, what: string): Signature {
  const found = list[index];
  if (!found) throw notWasm(`module: expected ${what} index below ${list.length}, got ${index}`);
  return found;
}
