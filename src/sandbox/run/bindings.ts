/**
 * Loads the guests' binding modules in a worker, before the worker takes its first call. A binding that
 * does not load is replaced by one that throws when its guest is brought up, so that the failure is
 * reported as a typed error of that guest and not as a dead worker.
 */
import { messageOf } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import { BindingFault } from './binding-fault.ts';
import type { WorkerGuest } from './protocol.ts';

export interface Binding {
  bind(exports: WebAssembly.Exports): Readonly<Record<string, unknown>>;
  imports?(self: { exports?: WebAssembly.Exports }): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** One entry a guest, undefined for those without a binding. */
export async function loadBindings(guests: readonly WorkerGuest[]): Promise<(Binding | undefined)[]> {
  return Promise.all(guests.map(async ({ binding }) => (binding === undefined ? undefined : load(binding))));
}

async function load(href: string): Promise<Binding> {
  try {
    const loaded = (await import(href)) as Partial<Binding>;
    if (typeof loaded.bind === 'function') return loaded as Binding;
    return faulty(
      new BindingFault(`expected its binding to export a function bind(exports), got ${quoted(loaded.bind)}`),
    );
  } catch (thrown) {
    return faulty(new BindingFault(`expected its binding to load, got ${messageOf(thrown)}`, { value: thrown }));
  }
}

function faulty(fault: BindingFault): Binding {
  return {
    bind: () => {
      throw fault;
    },
  };
}
