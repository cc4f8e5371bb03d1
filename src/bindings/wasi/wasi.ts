/**
 * Binding of a guest built for WASI (preview 1): a command, which runs once an instance, or a reactor, whose
 * exports are called. It sees arguments, an environment, standard streams and files that the call gives it,
 * all in memory, and nothing of the host's.
 */
import {
  type Binding,
  type BoundFunctions,
  type BoundGuest,
  type Choose,
  functionsOf,
  type GuestExports,
} from '../binding.ts';
import { filesOf, treeOf } from './files.ts';
import { errno, WasiExit, type WasiHost, wasiHost } from './preview1.ts';

export interface WasiInput {
  /** What follows the program's name. @defaultValue [] */
  readonly args?: readonly string[];
  /** @defaultValue {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @defaultValue nothing */
  readonly stdin?: string | Uint8Array;
  /** Path → content of the files the guest finds under `/`, which it may change. @defaultValue none */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export interface WasiOptions extends WasiInput {
  /** args[0] of the guest. @defaultValue 'guest' */
  readonly program?: string;
  /** Whether what the guest wrote is given as text or as bytes. @defaultValue 'text' */
  readonly output?: 'text' | 'bytes';
}

export interface WasiResult {
  readonly exitCode: number;
  readonly stdout: string | Uint8Array;
  readonly stderr: string | Uint8Array;
  /** The files there are afterwards, where files were given. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Functions of preview 1 that need the network, links or signals: the guest is told that they are missing. */
const unsupported = [
  'path_link',
  'path_readlink',
  'path_symlink',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
];

/**
 * ```js
 * import { wasi } from 'sandtune/bindings';
 * export const { imports, bind } = wasi();
 * ```
 * The guest's options: `module`, `binding`, `allowImports: { wasi_snapshot_preview1: '*' }`. Of a command also
 * `functions: ['run']` and `instance: 'per-call'`: `run({ args, env, stdin, files })` gives
 * `{ exitCode, stdout, stderr }`. Of a reactor `functions` are its exports.
 *
 * @param options what every call is given besides; of a reactor, what it has from its start on
 * @param choose what the host may call, made of the exports of a reactor. @defaultValue all of its functions
 */
export function wasi(options: WasiOptions = {}, choose?: Choose<GuestExports>): Binding {
  const states = new WeakMap<BoundGuest, State>();
  return {
    imports: (self) => {
      const state: State = { host: hostOf(self, options, {}), hasRun: false };
      states.set(self, state);
      const names = [...Object.keys(state.host.imports), ...unsupported];
      // The host is another one at each run of a command, and so is what these functions call.
      const preview1 = Object.fromEntries(
        names.map((name) => [name, (...args: never[]) => state.host.imports[name]?.(...args) ?? errno.nosys]),
      );
      return { wasi_snapshot_preview1: preview1, wasi_unstable: { ...preview1, fd_seek: seekOfUnstable(preview1) } };
    },
    bind: (exports, self) => {
      const state = states.get(self) as State;
      if (typeof exports['_start'] === 'function')
        return { run: (input: WasiInput = {}) => run(self, options, input, state) };
      if (typeof exports['_initialize'] === 'function') (exports['_initialize'] as () => void)();
      return choose ? choose(exports) : (functionsOf(exports) as BoundFunctions);
    },
  };
}

/** Before it was called preview 1, WASI numbered the three ways to seek in another order. */
function seekOfUnstable(preview1: Readonly<Record<string, (...args: never[]) => unknown>>) {
  const seek = preview1['fd_seek'] as (fd: number, by: bigint, whence: number, at: number) => unknown;
  return (fd: number, by: bigint, whence: number, at: number) => seek(fd, by, [1, 2, 0][whence] ?? whence, at);
}

interface State {
  host: WasiHost;
  hasRun: boolean;
}

function run(self: BoundGuest, options: WasiOptions, input: WasiInput, state: State): WasiResult {
  // What a command has left in its memory is not there for a second run, which would answer wrongly.
  if (state.hasRun)
    throw new TypeError(
      "wasi(): expected the guest's option instance: 'per-call', since a command runs once an instance",
    );
  state.hasRun = true;
  const root = treeOf({ ...options.files, ...input.files });
  state.host = hostOf(self, options, input, root);
  const exitCode = exitCodeOf(self.exports?.['_start'] as () => void);
  const given = (bytes: Uint8Array) => (options.output === 'bytes' ? bytes.slice() : Buffer.from(bytes).toString());
  return {
    exitCode,
    stdout: given(state.host.output(1)),
    stderr: given(state.host.output(2)),
    ...((input.files ?? options.files) && { files: filesOf(root) }),
  };
}

function exitCodeOf(start: () => void): number {
  try {
    start();
    return 0;
  } catch (thrown) {
    if (thrown instanceof WasiExit) return thrown.exitCode;
    throw thrown;
  }
}

function hostOf(
  self: BoundGuest,
  options: WasiOptions,
  input: WasiInput,
  root = treeOf(options.files ?? {}),
): WasiHost {
  const stdin = input.stdin ?? options.stdin ?? '';
  return wasiHost(
    {
      args: [options.program ?? 'guest', ...(input.args ?? options.args ?? [])],
      env: { ...options.env, ...input.env },
      stdin: typeof stdin === 'string' ? Buffer.from(stdin) : stdin,
      root,
    },
    () => (self.exports?.['memory'] ?? self.memory) as { readonly buffer: ArrayBuffer },
  );
}
