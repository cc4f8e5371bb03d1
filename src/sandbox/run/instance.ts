/** One instance of a guest, ready to be called. */
import { quoted } from '../../foundation/options.ts';
import { BindingFault } from './binding-fault.ts';

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
    throw new BindingFault(`expected bind() to return a function '${name}', got ${quoted(callable)}`);
  });
}
