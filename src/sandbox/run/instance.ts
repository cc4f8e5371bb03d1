/** One instance of a guest, ready to be called. */
import { nearest } from '../../foundation/nearest.ts';
import { quoted } from '../../foundation/options.ts';
import { BindingFault, MissingFunction } from './binding-fault.ts';

export type GuestCallable = (...args: unknown[]) => unknown;

export interface Instance {
  readonly callables: readonly GuestCallable[];
  readonly exports: WebAssembly.Exports;
  /** True where one call after the other may have it, false where one call alone may. */
  readonly isKept: boolean;
  /** The memory it imports. */
  readonly memory: WebAssembly.Memory | undefined;
  /** Takes back what its glue has left with the process. */
  release(): void;
}

/** The memories that can be seen of an instance: imported and exported ones. */
export function memoriesOf({ memory, exports }: Instance): readonly WebAssembly.Memory[] {
  const seen = new Set<unknown>([memory, ...Object.values(exports)]);
  return [...seen].filter((value) => value instanceof WebAssembly.Memory);
}

/** The functions with these names. @throws {BindingFault} where one is missing */
export function pick(names: readonly string[], offered: unknown): readonly GuestCallable[] {
  if (typeof offered !== 'object' || offered === null)
    throw new BindingFault(`expected bind() to return an object of functions, got ${quoted(offered)}`);
  return names.map((name) => {
    const callable: unknown = Object.hasOwn(offered, name) ? (offered as Record<string, unknown>)[name] : undefined;
    if (typeof callable === 'function') return callable as GuestCallable;
    const message = `expected bind() to return a function '${name}', got ${quoted(callable)}; ${offeredText(name, offered)}`;
    throw new MissingFunction(message);
  });
}

/** Functions that a message names. */
const mostNamed = 10;

/** The functions that there are, the one that may be meant first. */
function offeredText(name: string, offered: object): string {
  const names = Object.entries(offered).flatMap(([key, value]) => (typeof value === 'function' ? [key] : []));
  if (typeof (offered as Record<string, unknown>)[name] === 'function')
    return `it inherits one, but only its own are called, and without this: ${name}: (...args) => object.${name}(...args)`;
  if (names.length === 0) return 'it returned no functions';
  const meant = nearest(name, names);
  const sorted = meant === null ? names : [meant, ...names.filter((one) => one !== meant)];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `the functions it returned are ${sorted.slice(0, mostNamed).map(quoted).join(', ')}${more}`;
}
