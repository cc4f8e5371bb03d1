/**
 * One guest as the host describes it, and the checks of that description.
 *
 * A guest without a binding offers its raw exports. A binding is a module the host wrote, loaded in
 * the worker, that turns exports into functions over ordinary values:
 *
 *   export function bind(exports, self): Record<string, (...args: never[]) => unknown>
 *   export function imports(self): Record<string, Record<string, unknown>>   // only for guests with imports
 *
 * It is evaluated anew for each instance, with all it imports and requires, so what it and its glue keep in
 * variables is the instance's own; Node's modules and native addons alone are shared. Both functions may be
 * async. `self` has the guest's `module`, the `memory` it imports, its `exports` once they are there, and
 * `instantiate(imports)` for glue that wants the instance in hand; glue that calls `WebAssembly.instantiate`
 * or `new WebAssembly.Instance` on the guest's bytes by itself gets the same one. `sandtune/bindings` has
 * bindings for the glue of common tools.
 *
 * The functions are synchronous, called without `this`, and return what can be structured-cloned. A binding
 * is trusted: it runs in the worker with the worker's rights. What it does outside the instance cannot be
 * undone, so a call behind it that had finished when its worker was ended before it could answer is lost,
 * unless the caller says it is idempotent; one that had not begun is repeated.
 */

import { SandtuneError } from '../foundation/errors.ts';
import { areBytes, isFileUrl } from '../foundation/foreign-values.ts';
import { checkInteger, checkKeys, checkOneOf, checkText, expected, reading } from '../foundation/options.ts';
import { notWasm } from './module/byte-reader.ts';
import { type AllowedImports, type ImportSignature, type NumberType, numberTypes } from './module/imports.ts';

/** How long an instance lasts: until it is evicted or destroyed, or for one call. */
export type InstanceUse = 'keep' | 'per-call';

/** Whose the bytes are that a function is given: its own for as long as it likes, or for the time of its call. */
export type ArgumentUse = 'own' | 'lent';

/** What of an instance is kept in checkpoints. */
export type GuestStateUse = 'none' | 'memory' | 'own';

/** One WebAssembly guest: its module, its binding, and what it may import. */
export interface GuestOptions {
  /** The module's bytes, or a file: URL of them. */
  readonly module: Uint8Array | URL;
  /** A file: URL of the binding module. Without one the guest's raw exports are called. */
  readonly binding?: URL;
  /**
   * Functions that may be called. With a binding: required. Without: only these exports, which must
   * exist; all exported functions if not given, measured together under the guest's name.
   */
  readonly functions?: readonly string[];
  /**
   * Imports the guest may have: module name → names, or names with the type of function that each has to be
   * (`{ env: { now: { params: [], results: ['f64'] } } }`), or `'*'` for whatever its binding supplies there as own
   * properties. Needs a binding. A memory that is imported is ours and need not be listed; what it imports from
   * `wasm:js-string` is V8's, and has to be. @defaultValue {}
   */
  readonly allowImports?: AllowedImports;
  /**
   * How long an instance lasts: until it is evicted or traps, or for one call, as a WASI command needs it.
   * @defaultValue 'keep'
   */
  readonly instance?: InstanceUse;
  /**
   * Whose the bytes are that a binding's functions are given. `lent`: their buffers are detached when the function
   * has returned, and used again, which saves fresh memory for each (a third of a call with 64 KiB); what it keeps of
   * them, other than copies, is empty from then on; and what a native operation still reads after that, as an
   * asynchronous write does, are bytes of later calls of the same guest. Without effect where calls travel by messages.
   * @defaultValue 'own'
   */
  readonly arguments?: ArgumentUse;
  /**
   * What of an instance is kept in checkpoints, and put back: 'memory', all its memories and mutable globals (of a
   * guest that imports nothing but a memory, and has no other state), or 'own', what the function `snapshot()` of its
   * binding returns and `restore(bytes)` takes. What a binding keeps in variables is in neither.
   * @defaultValue 'none'
   */
  readonly state?: GuestStateUse;
  /** Cap of this guest's memories together, in pages of 64 KiB. @defaultValue the sandbox's `maxMemoryPages` */
  readonly maxMemoryPages?: number;
}

export interface ResolvedGuest {
  readonly name: string;
  readonly module: Uint8Array | URL;
  readonly binding: URL | undefined;
  readonly functions: readonly string[] | undefined;
  readonly allowImports: AllowedImports;
  readonly instance: InstanceUse;
  readonly arguments: ArgumentUse;
  readonly state: GuestStateUse;
  readonly maxMemoryPages: number;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_NOT_WASM when `module` is of the wrong kind */
export function resolveGuest(name: string, guest: GuestOptions, maxMemoryPages: number): ResolvedGuest {
  if (!/^[\w-]{1,64}$/.test(name)) throw expected('guests', 'names of 1 to 64 letters, digits, _ and -', name);
  return reading(`guests.${name}`, 'a guest', guest, () => readGuest(name, guest, maxMemoryPages));
}

const guestKeys: readonly (keyof GuestOptions)[] = [
  'module',
  'binding',
  'functions',
  'allowImports',
  'instance',
  'arguments',
  'state',
  'maxMemoryPages',
];

function readGuest(name: string, guest: GuestOptions, maxMemoryPages: number): ResolvedGuest {
  const where = `guests.${name}`;
  if (typeof guest !== 'object' || guest === null || Array.isArray(guest))
    throw expected(where, '{ module, binding?, functions?, allowImports?, maxMemoryPages? }', guest);
  if ('imports' in guest) {
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      `${where}.imports: expected host functions in the binding module's \`imports()\` (functions cannot cross threads) and their names in allowImports`,
    );
  }
  checkKeys(where, guest, guestKeys);
  const { module, binding, functions } = guest;
  if (!areBytes(module) && !isFileUrl(module)) {
    throw notWasm(expected(`${where}.module`, 'a Uint8Array or a file: URL', module).message);
  }
  if (binding !== undefined && !isFileUrl(binding)) throw expected(`${where}.binding`, 'a file: URL', binding);
  if (binding !== undefined && functions === undefined)
    throw expected(`${where}.functions`, 'the names of the functions its binding returns', functions);
  const allowImports = checkAllowed(`${where}.allowImports`, guest.allowImports ?? {});
  if (Object.keys(allowImports).length > 0 && binding === undefined) {
    throw expected(`${where}.binding`, 'a binding that supplies the imports of allowImports', binding);
  }
  return {
    name,
    module,
    binding,
    functions: functions === undefined ? undefined : checkNames(`${where}.functions`, functions),
    allowImports,
    instance: checkInstance(`${where}.instance`, guest.instance ?? 'keep'),
    arguments: checkOneOf<ArgumentUse>(`${where}.arguments`, guest.arguments ?? 'own', ['own', 'lent']),
    state: checkState(where, guest),
    maxMemoryPages: checkInteger(`${where}.maxMemoryPages`, guest.maxMemoryPages ?? maxMemoryPages, {
      min: 1,
      max: 65_536,
    }),
  };
}

function checkNames(where: string, names: unknown): readonly string[] {
  if (!Array.isArray(names) || names.length === 0) throw expected(where, 'a list of at least one name', names);
  for (const name of names) checkText(where, name);
  if (new Set(names).size !== names.length) throw expected(where, 'each name once', names);
  return [...names];
}

function checkAllowed(where: string, allow: unknown): AllowedImports {
  if (typeof allow !== 'object' || allow === null || Array.isArray(allow))
    throw expected(where, "lists of names, or '*', by module, as { env: ['now'] }", allow);
  return Object.fromEntries(
    Object.entries(allow).map(([module, names]) => [module, checkModule(`${where}.${module}`, names)]),
  );
}

function checkModule(where: string, names: unknown): AllowedImports[string] {
  if (names === '*') return names;
  if (typeof names !== 'object' || names === null || Array.isArray(names)) return checkNames(where, names);
  checkNames(where, Object.keys(names));
  return Object.fromEntries(
    Object.entries(names).map(([name, signature]) => [name, checkSignature(`${where}.${name}`, signature)]),
  );
}

function checkSignature(where: string, signature: unknown): ImportSignature {
  if (typeof signature !== 'object' || signature === null)
    throw expected(where, "a type, as { params: ['i32'], results: ['f64'] }", signature);
  checkKeys(where, signature, ['params', 'results']);
  const { params, results } = signature as Partial<ImportSignature>;
  return { params: checkTypes(`${where}.params`, params), results: checkTypes(`${where}.results`, results) };
}

function checkTypes(where: string, types: unknown): readonly NumberType[] {
  if (!Array.isArray(types)) throw expected(where, `a list of ${numberTypes.join(', ')}`, types);
  return types.map((type) => checkOneOf(where, type, numberTypes));
}

function checkState(where: string, { state = 'none', binding, instance }: GuestOptions): GuestStateUse {
  checkOneOf(`${where}.state`, state, ['none', 'memory', 'own']);
  if (state !== 'none' && instance === 'per-call')
    throw expected(`${where}.state`, "'none' beside instance: 'per-call', which keeps nothing", state);
  if (state === 'own' && binding === undefined)
    throw expected(`${where}.state`, "'memory' for a guest without a binding: bytes cannot be passed to it", state);
  return state;
}

function checkInstance(where: string, instance: unknown): InstanceUse {
  if (instance !== 'keep' && instance !== 'per-call') throw expected(where, "'keep' or 'per-call'", instance);
  return instance;
}
