/**
 * Brings up one instance of a guest that has a binding: the binding's modules are evaluated anew, so that no
 * two instances share what their glue keeps in variables.
 *
 *   binding's modules ─▶ imports(self) ─▶ instance ─▶ bind(exports, self) ─▶ the functions the host listed
 *                 └────────────┴──── any of them may make the instance by itself ───┘   guest-self.ts
 *
 * What the binding throws meanwhile is its fault, except what the guest's own start function throws.
 */
import { types } from 'node:util';
import { messageOf } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import { type GraphOptions, ModuleGraph } from '../evaluate/module-graph.ts';
import { ModuleSources } from '../evaluate/module-source.ts';
import { preload } from '../evaluate/preload.ts';
import { createResolve, type Resolve } from '../evaluate/resolve-specifier.ts';
import { BindingFault, isBindingFault } from './binding-fault.ts';
import { GuestSelf } from './guest-self.ts';
import { instantiateImported } from './imported-wasm.ts';
import { type GuestCallable, type Instance, pick } from './instance.ts';
import { serveNativeGlue, withGuest } from './native-glue.ts';
import { watchListeners } from './process-listeners.ts';
import type { WorkerGuest } from './protocol.ts';
import { watchGrowth } from './refused-growth.ts';

/** What a binding module may export. */
interface Binding {
  bind(exports: WebAssembly.Exports, self: GuestSelf): unknown;
  imports?(self: GuestSelf): unknown;
}

export type BringUp = (guest: WorkerGuest, href: string) => Promise<Instance>;

/** Called once in a worker. @param hrefs of the bindings, which are read but not evaluated yet */
export async function createBringUp(hrefs: readonly string[]): Promise<BringUp> {
  const resolve = await createResolve();
  const sources = new ModuleSources();
  for (const href of hrefs) preload(href, sources, resolve);
  serveNativeGlue();
  watchGrowth();
  return async (guest, href) => {
    const self = new GuestSelf(guest);
    return withGuest(self, () => bringUp(guest, href, self, sources, resolve));
  };
}

async function bringUp(
  { functions, instance }: WorkerGuest,
  href: string,
  self: GuestSelf,
  sources: ModuleSources,
  resolve: Resolve,
): Promise<Instance> {
  const listeners = watchListeners(process);
  const instantiate: GraphOptions['instantiate'] = (bytes, importsOf) => instantiateImported(self, bytes, importsOf);
  try {
    const graph = new ModuleGraph({ sources, resolve, instantiate });
    const binding = checked(await graph.import(href).catch(fault(self, 'expected its binding to load, got')));
    if (binding.imports && !self.instance) {
      const imports = await called(self, 'imports', () => binding.imports?.(self));
      if (!self.instance) instantiateWith(self, imports);
    }
    if (!self.instance && self.importsNothing) self.instantiateBare();
    // Without an instance by now, the glue makes it in bind(), or nobody supplies what the guest imports.
    const offered = await called(self, 'bind', () => binding.bind(self.exports as WebAssembly.Exports, self));
    const { exports } = self.instance ?? self.instantiate();
    const callables = picked(self, functions, offered);
    return { callables, exports, isKept: instance === 'keep', memory: self.memory, release: listeners() };
  } catch (thrown) {
    listeners()();
    throw thrown;
  }
}

function checked(loaded: Readonly<Record<string, unknown>>): Binding {
  const { bind, imports } = loaded;
  if (typeof bind !== 'function')
    throw new BindingFault(`expected its binding to export a function bind(exports), got ${quoted(bind)}`);
  if (imports !== undefined && typeof imports !== 'function')
    throw new BindingFault(`expected its binding to export a function imports(self), got ${quoted(imports)}`);
  return loaded as unknown as Binding;
}

/** What a function of the binding returned, or what its promise gives. */
async function called(self: GuestSelf, name: 'imports' | 'bind', call: () => unknown): Promise<unknown> {
  try {
    const returned = call();
    return types.isPromise(returned) ? await returned : returned;
  } catch (thrown) {
    // Of a bind() that had no exports to look at, the cause is what was not supplied.
    if (name === 'bind' && !self.instance && !isBindingFault(thrown)) self.instantiate();
    return fault(self, `expected its binding's ${name}() to return, but it threw`)(thrown);
  }
}

function instantiateWith(self: GuestSelf, imports: unknown): void {
  try {
    self.instantiate(imports);
  } catch (thrown) {
    fault(self, "expected what its binding's imports() returned to be readable, got")(thrown);
  }
}

function picked(self: GuestSelf, functions: readonly string[], offered: unknown): readonly GuestCallable[] {
  try {
    return pick(functions, offered);
  } catch (thrown) {
    return fault(self, 'expected bind() to return an object of functions, but looking at it threw')(thrown);
  }
}

/** What was thrown as the binding's fault, unless it was one already or the guest's own start function threw it. */
function fault(self: GuestSelf, expectation: string): (thrown: unknown) => never {
  return (thrown) => {
    const { trap } = self;
    // A binding may throw undefined, which no trap that is not there has thrown.
    if (isBindingFault(thrown) || (trap && trap.value === thrown)) throw thrown;
    throw new BindingFault(`${expectation} ${messageOf(thrown)}`, { value: thrown });
  };
}
