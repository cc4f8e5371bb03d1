/**
 * Bindings of glue that keeps its guest in a variable. What it is called with says how the guest is brought
 * up: `?how=` imports, self, instance, instantiate, bytes, late, streaming, memory, foreign, none.
 */
import { readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { glue } from './kept-glue.ts';

interface Self {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory | undefined;
  instantiate(imports: object): WebAssembly.Instance;
}

interface Streaming {
  instantiateStreaming(source: Response, imports: object): Promise<unknown>;
}

const { searchParams } = new URL(import.meta.url);
const how = searchParams.get('how');
const made = new Int32Array(1);
const env = { log: (value: number) => void (made[0] = value), unlisted: () => 1 };

const ways: Readonly<Record<string, (self: Self) => unknown>> = {
  imports: () => ({ env }),
  self: (self) => void self.instantiate({ env }),
  instance: (self) => void new WebAssembly.Instance(self.module, { env }),
  instantiate: async (self) => void (await WebAssembly.instantiate(self.module, { env })),
  bytes: async () => void (await WebAssembly.instantiate(bytes() as never, { env })),
  streaming: async () => {
    const response = new Response(bytes(), { headers: { 'content-type': 'application/wasm' } });
    await (WebAssembly as unknown as Streaming).instantiateStreaming(response, { env });
  },
  memory: () => ({ env: { ...env, memory: new WebAssembly.Memory({ initial: 1, maximum: 60_000 }) } }),
  foreign: () => ({ env: { ...env, memory: foreign() } }),
};

export const imports = how === 'late' || how === 'none' ? undefined : ways[how ?? 'imports'];

export async function bind(_exports: WebAssembly.Exports, self: Self & { exports: WebAssembly.Exports }) {
  if (how === 'late') await WebAssembly.instantiate(bytes() as never, { env });
  await new Promise((resolve) => setImmediate(resolve));
  glue.set(self.exports);
  return {
    count: () => glue.count(),
    logged: () => made[0],
    grow: (pages: number) => (self.memory as WebAssembly.Memory).grow(pages),
    bytesOfMemory: () => self.memory?.buffer.byteLength,
    fail: () => glue.fail(),
    thread: () => threadId,
  };
}

function bytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(searchParams.get('file') as string));
}

/** A memory that no binding has made while its guest was brought up. */
function foreign(): WebAssembly.Memory {
  const text = '0061736d01000000050401010102070501016d0200';
  const module = new WebAssembly.Module(new Uint8Array(Buffer.from(text, 'hex')));
  return new WebAssembly.Instance(module).exports['m'] as WebAssembly.Memory;
}
