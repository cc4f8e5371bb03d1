/**
 * What a binding module exports, and what its functions are given. The types of WebAssembly are not named,
 * because TypeScript has these in the browser's library only.
 */
import { checkFunction } from '../foundation/foreign-values.ts';
import { expected, reading } from '../foundation/options.ts';

/** A guest while an instance of it is brought up. */
export interface BoundGuest {
  /** The guest's module (a WebAssembly.Module), its memory limited. */
  readonly module: object;
  /** The memory the guest imports (a WebAssembly.Memory), of ours; undefined where it imports none. */
  readonly memory: object | undefined;
  /** Undefined until there is an instance. */
  readonly exports: GuestExports | undefined;
  /** Makes the one instance, of those of the imports that the host allows. */
  instantiate(imports?: unknown): { readonly exports: GuestExports };
}

export type GuestExports = Readonly<Record<string, unknown>>;

/** The functions the host may call, by name. */
export type BoundFunctions = Readonly<Record<string, unknown>>;

/** What `export const { imports, bind } = …` takes apart: functions without `this`. */
export interface Binding {
  readonly imports: (self: BoundGuest) => unknown;
  readonly bind: (exports: GuestExports, self: BoundGuest) => BoundFunctions | Promise<BoundFunctions>;
}

/** What glue offers → the functions the host may call. */
export type Choose<T> = (glue: T) => BoundFunctions | Promise<BoundFunctions>;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where it is given and cannot be called */
export function checkChoose(caller: string, choose: unknown): void {
  if (choose !== undefined) checkFunction(`${caller}: choose`, choose, 'a function of what the glue gives');
}

export const everything = 'all that the glue exports, as by import * as glue';

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where it is no module, object or function */
export function checkGlue(caller: string, glue: unknown, wanted = everything): void {
  const name = `${caller}: glue`;
  const isList = reading(name, wanted, glue, () => Array.isArray(glue));
  const isGlue = typeof glue === 'function' || (typeof glue === 'object' && glue !== null);
  if (!isGlue || isList) throw expected(name, wanted, glue);
}

/** All functions among the properties, without what tools keep for themselves. */
export function functionsOf(glue: Readonly<Record<string, unknown>>, without: readonly string[] = []): BoundFunctions {
  return Object.fromEntries(
    Object.entries(glue).filter(
      ([name, value]) => typeof value === 'function' && !name.startsWith('_') && !without.includes(name),
    ),
  );
}

/** Names of the modules a guest imports from. */
export function importModulesOf({ module }: BoundGuest): readonly string[] {
  const asked = WebAssembly.Module.imports(module as WebAssembly.Module);
  return [...new Set(asked.map(({ module: name }) => name))];
}
