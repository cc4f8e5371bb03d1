/**
 * One guest while an instance of it is brought up: what its binding is given of it, and the one place where
 * its instance is made, whoever asks for it:
 *
 *   imports() returned them ─┐
 *   self.instantiate() ──────┼─▶ guarded by the host's list ─▶ new WebAssembly.Instance of the limited module
 *   glue's own WebAssembly ──┘   (native-glue.ts)
 *
 * Memory that the guest imports is ours, with the guest's cap as its maximum. Glue that makes that memory for
 * itself gets one of ours too, so that its views and the guest's are of one memory.
 */
import { createHash } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { plainBytes, viewOf } from '../../foundation/bytes.ts';
import { messageOf } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import { guardImports, type ImportObject, isSupplied } from '../module/imports.ts';
import { BindingFault, isBindingFault, MissingImport } from './binding-fault.ts';
import type { WorkerGuest } from './protocol.ts';

// As they are before native-glue.ts puts others in their place.
const { Instance, Memory, LinkError, Module } = WebAssembly;

const importsRead = new WeakMap<WebAssembly.Module, readonly WebAssembly.ModuleImportDescriptor[]>();

/** In pages; numbers or bigints, as glue has them. */
export interface MemoryWish {
  readonly initial: number | bigint;
  readonly maximum?: number | bigint;
}

export class GuestSelf {
  readonly #guest: WorkerGuest;
  readonly #ours = new Set<unknown>();
  #memory: WebAssembly.Memory | undefined;
  #instance: WebAssembly.Instance | undefined;
  /** True while nobody has asked for the instance there is. */
  #isBare = false;
  #trap: { readonly value: unknown } | undefined;

  constructor(guest: WorkerGuest) {
    this.#guest = guest;
  }

  /** The guest's module, its memory limited. */
  get module(): WebAssembly.Module {
    return this.#guest.module;
  }

  /** The memory that the guest imports; undefined where it imports none. Its maximum is the guest's cap. */
  get memory(): WebAssembly.Memory | undefined {
    const { importedMemory } = this.#guest;
    if (importedMemory && !this.#memory) this.#memory = this.makeMemory({ initial: importedMemory.minimum });
    return this.#memory;
  }

  /** Undefined until the guest has been instantiated. */
  get instance(): WebAssembly.Instance | undefined {
    return this.#instance;
  }

  /** What the guest's own start function threw, whoever caught it since. */
  get trap(): { readonly value: unknown } | undefined {
    return this.#trap;
  }

  get exports(): WebAssembly.Exports | undefined {
    return this.#instance?.exports;
  }

  /**
   * Makes an instance, of the imports that the host allows. Glue calls it in place of `WebAssembly.instantiate`.
   * The first one is the guest's; glue that wants more of them has more, each with a memory of its own.
   * @throws {BindingFault} where an import is missing or of another type; else whatever the guest's start
   * function throws
   */
  instantiate(imports?: unknown): WebAssembly.Instance {
    const { module, allowImports } = this.#guest;
    if (this.#instance && this.#isBare) {
      this.#isBare = false;
      return this.#instance;
    }
    const asked = importsOf(module);
    const supplied = (imports ?? {}) as ImportObject;
    const memory = readImports(() => this.#memoryOf(supplied));
    const guarded = readImports(() => guardImports(supplied, allowImports, asked, memory));
    const missing = asked.find(({ module: from, name }) => guarded[from]?.[name] === undefined);
    if (missing) {
      const wanted = `${quoted(missing.module)} ${quoted(missing.name)}`;
      throw new MissingImport(`expected its binding to supply the import ${wanted}, got nothing`);
    }
    try {
      const made = new Instance(module, guarded as WebAssembly.Imports);
      if (!this.#instance) {
        this.#instance = made;
        // Glue may have made several before, and taken another than the first.
        this.#memory = memory;
      }
      return made;
    } catch (thrown) {
      if (!(thrown instanceof LinkError)) {
        this.#trap = { value: thrown };
        throw thrown;
      }
      throw new BindingFault(`expected its binding to supply what the guest imports, got ${messageOf(thrown)}`, {
        value: thrown,
      });
    }
  }

  /** True for a guest whose instance can be made without its binding. */
  get importsNothing(): boolean {
    return importsOf(this.#guest.module).every(({ kind }) => kind === 'memory');
  }

  /** Makes the instance of a guest that imports nothing; glue that asks for it later gets the same one. */
  instantiateBare(): void {
    this.instantiate();
    this.#isBare = true;
  }

  /** True for the bytes that the host gave for this guest. */
  isGuest(bytes: unknown): boolean {
    const { given } = this.#guest;
    const view = bytesIn(bytes);
    if (view?.byteLength !== given.length) return false;
    return createHash('sha256').update(view).digest('hex') === given.sha256;
  }

  /** A memory for a guest that imports it, whatever its glue wants as a maximum. */
  makeMemory(wanted: MemoryWish): WebAssembly.Memory {
    const { importedMemory } = this.#guest;
    if (!importedMemory) return new Memory(wanted as ConstructorParameters<typeof Memory>[0]);
    const { shared, is64Bit } = importedMemory;
    const maximum = Math.min(importedMemory.maximum, Number(wanted.maximum ?? Infinity));
    const pages = (count: number) => (is64Bit ? BigInt(count) : count);
    const descriptor = {
      initial: pages(Number(wanted.initial)),
      maximum: pages(maximum),
      shared,
      ...(is64Bit && { address: 'i64' }),
    };
    const made = new Memory(descriptor as ConstructorParameters<typeof Memory>[0]);
    this.#ours.add(made);
    this.#memory ??= made;
    return made;
  }

  /** The memory for the guest. @throws {BindingFault} when its binding supplies one that is not ours */
  #memoryOf(supplied: ImportObject): WebAssembly.Memory | undefined {
    const { importedMemory } = this.#guest;
    if (!importedMemory) return undefined;
    const { module, name } = importedMemory;
    const given = isSupplied(supplied, module, name) ? supplied[module]?.[name] : undefined;
    if (given === undefined) return this.#instance ? this.makeMemory({ initial: importedMemory.minimum }) : this.memory;
    if (this.#ours.has(given)) return given as WebAssembly.Memory;
    const wanted = `${quoted(module)} ${quoted(name)}`;
    throw new BindingFault(`expected its binding to supply self.memory as the import ${wanted}, got another one`);
  }
}

/** What `read` returns; what it throws when the binding's objects cannot be read is the binding's fault. */
function readImports<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (isBindingFault(thrown)) throw thrown;
    throw new BindingFault(`expected imports that can be read, got ${messageOf(thrown)}`, { value: thrown });
  }
}

function bytesIn(bytes: unknown): Uint8Array | undefined {
  if (isUint8Array(bytes)) return plainBytes(bytes);
  if (ArrayBuffer.isView(bytes)) return viewOf(bytes);
  return bytes instanceof ArrayBuffer || bytes instanceof SharedArrayBuffer ? new Uint8Array(bytes) : undefined;
}

/** What a module imports, read once. */
function importsOf(module: WebAssembly.Module): readonly WebAssembly.ModuleImportDescriptor[] {
  let known = importsRead.get(module);
  if (!known) importsRead.set(module, (known = Module.imports(module)));
  return known;
}
