/**
 * The functions of WASI's first preview over files in memory: arguments, environment, clocks, random bytes,
 * standard streams, files under `/`. A function that is not here answers ENOSYS.
 *
 *   process-functions.ts   args_ environ_ clock_ random_ proc_ poll_
 *   fd-functions.ts        fd_     by number, in descriptors.ts
 *   path-functions.ts      path_   by path, in files.ts
 *
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
import { Descriptors } from './descriptors.ts';
import { fdFunctions } from './fd-functions.ts';
import type { FolderNode } from './files.ts';
import type { Layout } from './layout.ts';
import { pathFunctions } from './path-functions.ts';
import { processFunctions } from './process-functions.ts';
import { Room } from './room.ts';
import { MemoryView } from './view.ts';

export interface WasiSurroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly root: FolderNode;
  readonly layout: Layout;
}

export interface WasiHost {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>;
  /** What has been written to the standard streams. */
  output(fd: 1 | 2): Uint8Array;
}

/** @param memory of the guest; asked for at each call, because memory that grows gets a new buffer */
export function wasiHost(
  { args, env, stdin, root, layout }: WasiSurroundings,
  memory: () => { readonly buffer: ArrayBuffer },
): WasiHost {
  const view = new MemoryView(memory);
  const fds = new Descriptors(root, stdin);
  const parts = { view, fds, room: new Room(), layout };
  return {
    functions: { ...processFunctions({ args, env, view, layout }), ...fdFunctions(parts), ...pathFunctions(parts) },
    output: (fd) => fds.outputOf(fd),
  };
}
