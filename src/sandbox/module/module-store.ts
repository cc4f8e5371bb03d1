/**
 * Bytes → compiled module, checked and limited, compiled once per content: guests whose limited
 * bytes have the same SHA-256 share one WebAssembly.Module, and every worker shares its code.
 */
import { createHash } from 'node:crypto';
import { messageOf } from '../../foundation/errors.ts';
import { notWasm } from './byte-reader.ts';
import { describeModule, type ModuleShape } from './describe-module.ts';
import { isMemoryValid, limitMemory } from './limit-memory.ts';
import { type CappedMemory, cappedMemories, type ImportedMemory, importedMemory } from './memory-limits.ts';
import { exportState, type ModuleState } from './module-state.ts';
import { readSections } from './sections.ts';

/** The functions on strings that V8 has for guests. @see https://webassembly.github.io/js-string-builtins */
export const stringModule = 'wasm:js-string';

// What Node's types leave out.
const compileWith = WebAssembly.compile as unknown as (
  bytes: Uint8Array,
  options: { readonly builtins: readonly string[] },
) => Promise<WebAssembly.Module>;

export interface StoredModule {
  readonly module: WebAssembly.Module;
  readonly shape: ModuleShape;
  /** Of the limited bytes, hexadecimal. */
  readonly sha256: string;
  /** How much longer the limited bytes are than those that were given, all of it in front of the code. */
  readonly movedBytes: number;
  /** Those of its memories that might have become larger than they may now. */
  readonly cappedMemories: readonly CappedMemory[];
  /** Of the bytes that were given: what glue that reads them by itself is known by. */
  readonly given: { readonly length: number; readonly sha256: string };
  /** The memory it imports. */
  readonly importedMemory: ImportedMemory | undefined;
  /** Where its state stands; undefined where that was not asked for. */
  readonly state: ModuleState | undefined;
}

export class ModuleStore {
  readonly #modules = new Map<string, Promise<WebAssembly.Module>>();

  /** Modules compiled so far. */
  get size(): number {
    return this.#modules.size;
  }

  /**
   * @param maxPages cap of a module's memories together, in pages of 64 KiB
   * @param withStrings V8 supplies what the module imports from `wasm:js-string`
   * @param withState all that an instance keeps is exported
   * @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM, ERR_SANDTUNE_MEMORY_ABOVE_CAP, ERR_SANDTUNE_GUEST_STATE
   */
  async load(bytes: Uint8Array, maxPages: number, withStrings = false, withState = false): Promise<StoredModule> {
    const sections = readSections(bytes);
    const shape = describeModule(bytes, sections);
    const imports = shape.imports.filter(({ kind }) => kind === 'memory');
    if (imports.length > 1) throw notWasm(`module: expected at most one imported memory, got ${imports.length}`);
    const [imported] = imports;
    const limits = imported?.memory;
    const { bytes: capped, memories, maxima } = limitMemory(bytes, sections, maxPages, limits ? [limits] : []);
    // Of all that is wrong in a module, only what is wrong in this section would not outlive the rewriting.
    if (!isMemoryValid(bytes, sections)) await compile(bytes, []);
    // What is no valid module is to be told as that, and not by what kept its state from being found.
    if (withState) await compile(bytes, []);
    const { bytes: limited, state } = withState ? exportState(capped) : { bytes: capped, state: undefined };
    const sha256 = sha256Of(limited);
    const builtins = withStrings && asksForStrings(shape) ? ['js-string'] : [];
    const key = [sha256, ...builtins].join(' ');
    const known = this.#modules.get(key);
    const compiled = known ?? compile(limited, builtins, bytes);
    if (!known) this.#modules.set(key, compiled);
    const module = await compiled;
    return {
      module,
      shape: builtins.length > 0 ? withoutSupplied(shape, module) : shape,
      sha256,
      cappedMemories: cappedMemories(memories, maxima, { imported: imports.length, exported: shape.memories }),
      movedBytes: limited.length - bytes.length,
      given: { length: bytes.length, sha256: sha256Of(bytes) },
      importedMemory: imported && limits && importedMemory(imported, limits, maxima[0] as number),
      state,
    };
  }
}

function asksForStrings({ imports }: ModuleShape): boolean {
  return imports.some(({ module }) => module === stringModule);
}

/** Without the imports that V8 supplies by itself; those with another name are its binding's to supply. */
function withoutSupplied(shape: ModuleShape, compiled: WebAssembly.Module): ModuleShape {
  const asked = new Set(
    WebAssembly.Module.imports(compiled).flatMap(({ module, name }) => (module === stringModule ? [name] : [])),
  );
  return { ...shape, imports: shape.imports.filter(({ module, name }) => module !== stringModule || asked.has(name)) };
}

/** @param original the bytes of the host, whose offsets the error names; without them those of `bytes` */
async function compile(
  bytes: Uint8Array,
  builtins: readonly string[],
  original?: Uint8Array,
): Promise<WebAssembly.Module> {
  try {
    return await compileWith(bytes, { builtins });
  } catch (cause) {
    if (original) await compile(original, builtins);
    throw notWasm(`module: expected valid WebAssembly, got ${messageOf(cause)}`, cause);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
