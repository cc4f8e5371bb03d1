/**
 * Whether all that an instance keeps between two calls can be seen from outside, and a rewriting that makes it so:
 * memories and mutable globals which the module does not export get exports of ours, behind its own, whose names
 * and order stay.
 *
 *   memories, mutable globals of numbers   state: exported, read and written
 *   tables that change, segments dropped   state that nobody can see: refused
 *   mutable globals of references, v128    likewise
 *   imports other than a memory            state may lie behind them, outside the guest: refused
 *   memory shared with other threads       may change while it is read: refused
 *
 * @see https://webassembly.github.io/spec/core/exec/runtime.html (store: what an instance has)
 */
import { refusal, type SandtuneError } from '../../foundation/errors.ts';
import { ByteReader, notWasm, unsignedBytes } from './byte-reader.ts';
import { passOverValueType, prefixed, prefixes, walkExpression } from './instructions.ts';
import { isSharedMemory, readMemoryLimits } from './memory-limits.ts';
import { headerBytes, readSections, type Section, sectionIds, sectionReader } from './sections.ts';

type StateGlobalType = 'i32' | 'i64' | 'f32' | 'f64';

/** Where the state of an instance stands, by export name. */
export interface ModuleState {
  readonly memories: readonly string[];
  readonly globals: readonly { readonly name: string; readonly type: StateGlobalType }[];
}

export interface StatefulModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly state: ModuleState;
}

const most = 1_000_000;
const numbers: Readonly<Record<number, StateGlobalType>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' };
const kinds = { memory: 2, global: 3 } as const;

/** Instructions after which an instance differs from a new one in what cannot be read. */
const hiding: ReadonlyMap<number, string> = new Map([
  [0x26, 'table.set'],
  [prefixed(prefixes.numeric, 12), 'table.init'],
  [prefixed(prefixes.numeric, 14), 'table.copy'],
  [prefixed(prefixes.numeric, 15), 'table.grow'],
  [prefixed(prefixes.numeric, 17), 'table.fill'],
  [prefixed(prefixes.numeric, 13), 'elem.drop'],
  [prefixed(prefixes.numeric, 9), 'data.drop'],
]);

/** Sections that stand before the exports. */
const earlier: readonly number[] = ['type', 'import', 'function', 'table', 'memory', 'tag', 'global'].map(
  (name) => sectionIds[name as keyof typeof sectionIds],
);

/** The error of a guest whose state cannot be had, or was lost. */
export function stateError(message: string): SandtuneError {
  return refusal('ERR_SANDTUNE_GUEST_STATE', message);
}

/**
 * The module with all of its state exported.
 * @param bytes of a module that is valid
 * @throws {SandtuneError} ERR_SANDTUNE_GUEST_STATE with the reason, where its state cannot be whole
 */
export function exportState(bytes: Uint8Array): StatefulModule {
  const sections = readSections(bytes);
  const reader = (name: keyof typeof sectionIds) => sectionReader(bytes, sections, sectionIds[name]);
  const imported = readImports(reader('import'));
  checkCode(reader('code'));
  const memoryCount = imported.memories + readMemories(reader('memory'));
  const globals = readGlobals(reader('global'));
  const exported = readExports(reader('export'));
  const added: Export[] = [];
  const nameOf = (kind: number, index: number): string => {
    const known = exported.find((one) => one.kind === kind && one.index === index);
    if (known) return known.name;
    const made = {
      name: freeName(`sandtune:${kind === kinds.memory ? 'memory' : 'global'}:${index}`, exported),
      kind,
      index,
    };
    added.push(made);
    return made.name;
  };
  const memories = Array.from({ length: memoryCount }, (_, index) => nameOf(kinds.memory, index));
  const named = globals.flatMap(({ type, isMutable }, index) => {
    if (!isMutable) return [];
    const known = numbers[type];
    if (!known) throw notWhole(`its mutable global ${index} is no number, and cannot be read`);
    return { name: nameOf(kinds.global, index), type: known };
  });
  return { bytes: withExports(bytes, sections, exported.length, added), state: { memories, globals: named } };
}

interface Export {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

function notWhole(reason: string): SandtuneError {
  return stateError(`module: expected a guest whose whole state can be seen, but ${reason}`);
}

function readImports(reader: ByteReader | undefined): { readonly memories: number } {
  let memories = 0;
  for (let left = reader?.count(most, 'imports') ?? 0; reader && left > 0; left--) {
    const from = reader.name();
    const name = reader.name();
    if (reader.byte() !== 2) throw notWhole(`it imports '${from}' '${name}', behind which there may be more of it`);
    checkUnshared(reader);
    memories++;
  }
  return { memories };
}

function readMemories(reader: ByteReader | undefined): number {
  const count = reader?.count(most, 'memories') ?? 0;
  for (let left = count; reader && left > 0; left--) checkUnshared(reader);
  return count;
}

function checkUnshared(reader: ByteReader): void {
  if (isSharedMemory(readMemoryLimits(reader, 'memory')))
    throw notWhole('its memory is shared, and another thread may change it while it is read');
}

function readGlobals(reader: ByteReader | undefined): { readonly type: number; readonly isMutable: boolean }[] {
  const globals: { type: number; isMutable: boolean }[] = [];
  for (let left = reader?.count(most, 'globals') ?? 0; reader && left > 0; left--) {
    const type = passOverValueType(reader);
    const isMutable = reader.byte() !== 0;
    walkExpression(reader, () => {});
    globals.push({ type, isMutable });
  }
  return globals;
}

function checkCode(reader: ByteReader | undefined): void {
  for (let left = reader?.count(most, 'functions') ?? 0; reader && left > 0; left--) {
    const length = reader.unsigned();
    const start = reader.offset;
    reader.skip(length);
    const body = new ByteReader(reader.bytes, start, reader.offset);
    for (let groups = body.count(most, 'locals'); groups > 0; groups--) {
      body.unsigned();
      passOverValueType(body);
    }
    walkExpression(body, (instruction) => {
      const hidden = hiding.get(instruction);
      if (hidden) throw notWhole(`it has ${hidden}, which changes what cannot be read`);
    });
    if (!body.done) throw notWasm(`module: expected a function that ends at offset ${body.end}, got ${body.offset}`);
  }
}

function readExports(reader: ByteReader | undefined): readonly Export[] {
  const exported: Export[] = [];
  for (let left = reader?.count(most, 'exports') ?? 0; reader && left > 0; left--)
    exported.push({ name: reader.name(), kind: reader.byte(), index: reader.unsigned() });
  return exported;
}

function freeName(wanted: string, exported: readonly Export[]): string {
  let name = wanted;
  while (exported.some((one) => one.name === name)) name += "'";
  return name;
}

/** The module's own exports byte for byte, then ours. */
function withExports(
  bytes: Uint8Array,
  sections: readonly Section[],
  count: number,
  added: readonly Export[],
): Uint8Array<ArrayBuffer> {
  if (added.length === 0) return new Uint8Array(bytes);
  const section = sections.find(({ id }) => id === sectionIds.export);
  const place = sections.reduce((at, { id, end }) => (earlier.includes(id) ? Math.max(at, end) : at), headerBytes);
  const own = section ? bytes.subarray(section.content, section.end) : new Uint8Array();
  const entries = section ? own.subarray(unsignedLength(own)) : own;
  const ours = added.flatMap(({ name, kind, index }) => {
    const text = [...new TextEncoder().encode(name)];
    return [...unsignedBytes(text.length), ...text, kind, ...unsignedBytes(index)];
  });
  const total = unsignedBytes(count + added.length);
  const length = total.length + entries.length + ours.length;
  const [from, to] = section ? [section.start, section.end] : [place, place];
  const parts = [
    bytes.subarray(0, from),
    [sectionIds.export, ...unsignedBytes(length), ...total],
    entries,
    ours,
    bytes.subarray(to),
  ];
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/** Bytes that the number at the beginning takes. */
function unsignedLength(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  reader.unsigned();
  return reader.offset;
}
