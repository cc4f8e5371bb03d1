/**
 * Much JavaScript glue calls `WebAssembly.instantiate` by itself, with imports it shows to nobody and bytes
 * it has read by itself. While a guest is brought up, what its glue makes of the guest's own bytes is the
 * guest's module, limited; and an instance of that module is made by `GuestSelf`, guarded. Everything else
 * passes through.
 *
 * Which guest is brought up is known by the asynchronous context, so glue may await in between.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { GuestSelf, MemoryWish } from './guest-self.ts';

/** What Node's types leave out. */
interface Streaming {
  readonly compileStreaming: (source: Response, ...more: unknown[]) => Promise<WebAssembly.Module>;
}

const broughtUp = new AsyncLocalStorage<GuestSelf>();

/** Runs `bringUp`; glue that it calls instantiates `self`. */
export function withGuest<T>(self: GuestSelf, bringUp: () => T): T {
  return broughtUp.run(self, bringUp);
}

/** Changes the global `WebAssembly` of this thread. Called once, before any glue is loaded. */
export function serveNativeGlue(): void {
  const { Module, Instance, Memory, compile } = WebAssembly;
  const { compileStreaming } = WebAssembly as unknown as Streaming;
  const instantiate: (source: unknown, ...more: unknown[]) => Promise<unknown> = WebAssembly.instantiate as never;

  const moduleOf = (bytes: unknown): WebAssembly.Module | undefined => {
    const self = broughtUp.getStore();
    return self?.isGuest(bytes) ? self.module : undefined;
  };
  const instanceOf = (module: unknown, imports: unknown): WebAssembly.Instance | undefined => {
    const self = broughtUp.getStore();
    return self && module === self.module ? self.instantiate(imports) : undefined;
  };

  /** The guest's module, if that is what a response of `fetch()` brings. */
  const moduleIn = async (response: Response): Promise<WebAssembly.Module | undefined> =>
    broughtUp.getStore() && response instanceof Response ? moduleOf(await response.clone().arrayBuffer()) : undefined;

  Object.assign(WebAssembly, {
    Module: new Proxy(Module, {
      construct: (target, args: unknown[], as) => moduleOf(args[0]) ?? (Reflect.construct(target, args, as) as object),
    }),
    Instance: new Proxy(Instance, {
      construct: (target, args: unknown[], as) =>
        instanceOf(args[0], args[1]) ?? (Reflect.construct(target, args, as) as object),
    }),
    Memory: new Proxy(Memory, {
      construct: (target, args: unknown[], as) => {
        const self = broughtUp.getStore();
        return self ? self.makeMemory(args[0] as MemoryWish) : (Reflect.construct(target, args, as) as object);
      },
    }),
    compile: async (bytes: Uint8Array<ArrayBuffer>, ...more: []) => moduleOf(bytes) ?? compile(bytes, ...more),
    compileStreaming: async (source: Response | Promise<Response>, ...more: unknown[]) => {
      const response = await source;
      return (await moduleIn(response)) ?? compileStreaming(response, ...more);
    },
    instantiateStreaming: async (source: Response | Promise<Response>, imports: unknown, ...more: unknown[]) => {
      const response = await source;
      const module = (await moduleIn(response)) ?? (await compileStreaming(response, ...more));
      return { module, instance: instanceOf(module, imports) ?? (await instantiate(module, imports)) };
    },
    instantiate: async (source: unknown, imports: unknown, ...more: unknown[]) => {
      if (source instanceof Module) return instanceOf(source, imports) ?? instantiate(source, imports, ...more);
      const module = moduleOf(source);
      return module ? { module, instance: instanceOf(module, imports) } : instantiate(source, imports, ...more);
    },
  });
}
