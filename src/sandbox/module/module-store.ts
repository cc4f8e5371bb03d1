/**
 * Bytes → compiled module, checked and limited, compiled once per content: guests whose limited
 * bytes have the same SHA-256 share one WebAssembly.Module, and every worker shares its code.
 */
import { createHash } from 'node:crypto';
import { messageOf } from '../../foundation/errors.ts';
import { notWasm } from './byte-reader.ts';
import { describeModule, type ModuleShape } from './describe-module.ts';
import { limitMemory } from './limit-memory.ts';
import { readSections } from './sections.ts';

export interface StoredModule {
  readonly module: WebAssembly.Module;
  readonly shape: ModuleShape;
  /** Of the limited bytes, hexadecimal. */
  readonly sha256: string;
}

export class ModuleStore {
  readonly #modules = new Map<string, Promise<StoredModule>>();

  /** Modules compiled so far. */
  get size(): number {
    return this.#modules.size;
  }

  /**
   * @param maxPages cap of a module's memories together, in pages of 64 KiB
   * @throws {SandtuneError} ERR_SANDTUNE_NOT_WASM, ERR_SANDTUNE_MEMORY_ABOVE_CAP
   */
  async load(bytes: Uint8Array, maxPages: number): Promise<StoredModule> {
    const sections = readSections(bytes);
    const shape = describeModule(bytes, sections);
    const limited = limitMemory(bytes, sections, maxPages);
    const sha256 = createHash('sha256').update(limited).digest('hex');
    const known = this.#modules.get(sha256);
    if (known) return known;
    const compiled = compile(limited).then((module) => ({ module, shape, sha256 }));
    this.#modules.set(sha256, compiled);
    return compiled;
  }
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw notWasm(`module: expected valid WebAssembly, got ${messageOf(cause)}`, cause);
  }
}
