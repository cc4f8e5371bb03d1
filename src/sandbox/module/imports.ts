/**
 * What a guest may import. Deny by default, in two places:
 *
 *   on the host   checkImports(shape, allow): every import of the module must be on the host's list
 *   in the worker guardImports(supplied, allow): the object given to V8 has null prototypes at both
 *                 levels, is frozen, and holds own properties on the list and nothing else
 *
 * Why both levels: with an ordinary `{ env: {} }` a guest may import ("constructor", "constructor")
 * and is handed JavaScript's Function, with which it runs code of its own on the host.
 *
 * Host functions cannot cross threads. A guest with imports therefore has a binding module, loaded
 * in the worker, that exports
 *
 *   imports(self): Record<string, Record<string, function | Global | Table | …>>
 *
 * called once for each instance; the host lists by name what may pass: `allowImports: { env: ['now'] }`,
 * says of which type it is: `{ env: { now: { params: [], results: ['f64'] } } }`, or takes what the binding
 * supplies: `{ env: '*' }`. What is supplied goes to V8 as it is, with nothing of ours around it, so V8 can bind it
 * directly: a loop that calls an export of another instance takes 0 ns a call, and 5.5 through a function around it;
 * Math.sin 12 and 25; any function of JavaScript 3 to 5, whatever its own number of parameters (thread CPU time, best
 * of seven, Node 26.10, a busy machine, 2026-11-27). There is no more to be had from a declared type than the check. What takes or gives references is allowed when it is
 * listed, since glue of today hands its guest JavaScript values in that way. A memory that is imported is
 * ours (guest-self.ts).
 */
import { refusal, SandtuneError } from '../../foundation/errors.ts';
import { nearest } from '../../foundation/nearest.ts';
import { quoted } from '../../foundation/options.ts';
import type { ImportShape, Signature } from './describe-module.ts';

/**
 * Module name → names a guest may import from it, or names with the type of function that each has to be;
 * `'*'`: whatever its binding supplies there as own properties.
 */
export type AllowedImports = Readonly<
  Record<string, readonly string[] | Readonly<Record<string, ImportSignature>> | '*'>
>;

/** The type of a function of numbers that a guest may import. */
export interface ImportSignature {
  readonly params: readonly NumberType[];
  readonly results: readonly NumberType[];
}

export const numberTypes = ['i32', 'i64', 'f32', 'f64'] as const satisfies readonly NumberType[];
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64';

/**
 * Module name → name → what stands for it. Declarations of the package name no type of WebAssembly, because
 * TypeScript has these in the browser's library only.
 */
export type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** @throws {SandtuneError} ERR_SANDTUNE_IMPORT_NOT_ALLOWED for the first import that is not on the list, or of another type */
export function checkImports(guest: string, imports: readonly ImportShape[], allow: AllowedImports): void {
  for (const { module, name, kind, signature } of imports) {
    // The guest gets a memory of ours, limited: there is nothing to allow.
    if (kind === 'memory') continue;
    if (isAllowed(allow, module, name)) {
      const declared = declaredOf(allow, module, name);
      const type = kind === 'function' && signature ? typeText(signature) : `a ${kind}`;
      if (declared === undefined || typeText(declared) === type) continue;
      const wanted = `${quoted(module)} ${quoted(name)} to be ${typeText(declared)}, as allowImports says`;
      throw notAllowed(`${guest}: expected its import ${wanted}, got ${type}`);
    }
    const wanted = `${kind} ${JSON.stringify(module)} ${JSON.stringify(name)}`;
    const got = `${guest}: expected imports on the list allowImports (${listed(allow)}), got ${wanted}`;
    throw notAllowed(`${got}; ${allowText(imports, allow, module, name)}`);
  }
}

/** Modules that a message names. */
const mostNamed = 5;

/** What the host may have meant to write, or what it may write. */
function allowText(imports: readonly ImportShape[], allow: AllowedImports, module: string, name: string): string {
  const modules = [...new Set(imports.filter(({ kind }) => kind !== 'memory').map((one) => one.module))];
  // What the guest asks for by that name is no slip.
  const idle = Object.keys(allow).filter((one) => !modules.includes(one));
  const slip = Object.hasOwn(allow, module) ? undefined : nearest(module, idle);
  if (slip) return `allowImports has ${quoted(slip)}: did you mean ${quoted(module)}?`;
  const names = Object.hasOwn(allow, module) ? namesOf(allow[module] ?? []) : [];
  const asked = new Set(imports.flatMap((one) => (one.module === module ? [one.name] : [])));
  const slipped = nearest(
    name,
    names.filter((one) => !asked.has(one)),
  );
  if (slipped) return `allowImports[${quoted(module)}] has ${quoted(slipped)}: did you mean ${quoted(name)}?`;
  const lacking = modules.slice(0, mostNamed).map((one) => `${keyText(one)}: '*'`);
  const more = modules.length > mostNamed ? ', …' : '';
  return `to allow what its binding supplies: allowImports: { ${lacking.join(', ')}${more} }`;
}

function keyText(module: string): string {
  if (/^[A-Za-z_$][\w$]{0,79}$/.test(module)) return module;
  return /^[\w./@:-]{1,80}$/.test(module) ? `'${module}'` : quoted(module);
}

/**
 * The import object for V8: of what the module asks for, own properties of `supplied` that are on the list.
 * @param memory the one it imports, which is ours
 */
export function guardImports(
  supplied: ImportObject,
  allow: AllowedImports,
  asked: readonly { readonly module: string; readonly name: string; readonly kind: string }[],
  memory?: unknown,
): ImportObject {
  const guarded = Object.create(null) as Record<string, Record<string, unknown>>;
  for (const { module, name, kind } of asked) {
    const inner = (guarded[module] ??= Object.create(null) as Record<string, unknown>);
    if (kind === 'memory') inner[name] = memory;
    else if (isAllowed(allow, module, name) && isSupplied(supplied, module, name))
      inner[name] = supplied[module]?.[name];
  }
  for (const inner of Object.values(guarded)) Object.freeze(inner);
  return Object.freeze(guarded);
}

export function isSupplied(supplied: ImportObject, module: string, name: string): boolean {
  const from: unknown = Object.hasOwn(supplied, module) ? supplied[module] : undefined;
  return from != null && Object.hasOwn(from, name);
}

function isAllowed(allow: AllowedImports, module: string, name: string): boolean {
  const names = Object.hasOwn(allow, module) ? allow[module] : undefined;
  return names === '*' || (names !== undefined && namesOf(names).includes(name));
}

function namesOf(names: AllowedImports[string]): readonly string[] {
  if (typeof names === 'string') return [];
  return isList(names) ? names : Object.keys(names);
}

function isList(names: AllowedImports[string]): names is readonly string[] {
  return Array.isArray(names);
}

function declaredOf(allow: AllowedImports, module: string, name: string): ImportSignature | undefined {
  const names = allow[module];
  return names === undefined || names === '*' || isList(names) ? undefined : names[name];
}

function typeText({ params, results }: Signature): string {
  return `(${params.join(', ')}) → (${results.join(', ')})`;
}

function notAllowed(message: string): SandtuneError {
  return refusal('ERR_SANDTUNE_IMPORT_NOT_ALLOWED', message);
}

function listed(allow: AllowedImports): string {
  const names = Object.keys(allow).flatMap((module) =>
    allow[module] === '*' ? [`${module}.*`] : namesOf(allow[module] ?? []).map((name) => `${module}.${name}`),
  );
  return names.length === 0 ? 'empty' : names.join(', ');
}
