/**
 * Binding of a guest built for WASI (preview 1, or `wasi_unstable` before it): a command, which runs once an
 * instance, or a reactor, whose exports are called. It sees arguments, an environment, standard streams and
 * files that the call gives it, all in memory, and nothing of the host's.
 */
import {
  type Binding,
  type BoundFunctions,
  type BoundGuest,
  type Choose,
  checkChoose,
  functionsOf,
  type GuestExports,
  importModulesOf,
} from '../binding.ts';
import { errno } from './descriptors.ts';
import { filesOf, treeOf } from './files.ts';
import { checkInput, checkWasiOptions, type WasiInput, type WasiOptions } from './input.ts';
import { layouts } from './layout.ts';
import { type WasiHost, wasiHost } from './preview1.ts';
import { WasiExit } from './process-functions.ts';

export interface WasiResult {
  readonly exitCode: number;
  readonly stdout: string | Uint8Array;
  readonly stderr: string | Uint8Array;
  /** The files there are afterwards, where files were given. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Functions of WASI that need the network, links or signals: the guest is told that they are missing. */
const unsupported = [
  'path_link',
  'path_symlink',
  'proc_raise',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
];

/** Characters of each stream that an error repeats: the last ones. */
const mostRepeated = 4096;

/**
 * ```js
 * import { wasi } from 'sandtune/bindings';
 * export const { imports, bind } = wasi();
 * ```
 * The guest's options: `module`, `binding`, `allowImports: { wasi_snapshot_preview1: '*' }`. Of a command also
 * `functions: ['run']` and `instance: 'per-call'`: `run({ args, env, stdin, files })` gives
 * `{ exitCode, stdout, stderr }`; where the guest traps, the error's cause has what it had written. Of a reactor
 * `functions` are its exports.
 *
 * @param options what every call is given besides; of a reactor, what it has from its start on
 * @param choose what the host may call, made of the exports of a reactor. @defaultValue all of its functions
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function wasi(options: WasiOptions = {}, choose?: Choose<GuestExports>): Binding {
  checkWasiOptions('wasi()', options);
  checkChoose('wasi()', choose);
  const states = new WeakMap<BoundGuest, State>();
  return {
    imports: (self) => {
      const state: State = { host: hostOf(self, options, {}), hasRun: false };
      states.set(self, state);
      // The host is another one at each run of a command, and so is what these functions call.
      const functions = Object.fromEntries(
        [...Object.keys(state.host.functions), ...unsupported].map((name) => [
          name,
          (...args: never[]) => state.host.functions[name]?.(...args) ?? errno.nosys,
        ]),
      );
      return { wasi_snapshot_preview1: functions, wasi_unstable: functions };
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

interface State {
  host: WasiHost;
  hasRun: boolean;
}

function run(self: BoundGuest, options: WasiOptions, input: WasiInput, state: State): WasiResult {
  checkInput('run()', input);
  // What a command has left in its memory is not there for a second run, which would answer wrongly.
  if (state.hasRun)
    throw new TypeError(
      "wasi(): expected the guest's option instance: 'per-call', since a command runs once an instance",
    );
  state.hasRun = true;
  const root = treeOf({ ...options.files, ...input.files });
  const host = hostOf(self, options, input, root);
  state.host = host;
  const exitCode = exitCodeOf(host, self.exports?.['_start'] as () => void);
  const given = (bytes: Uint8Array) => (options.output === 'bytes' ? bytes.slice() : Buffer.from(bytes).toString());
  return {
    exitCode,
    stdout: given(host.output(1)),
    stderr: given(host.output(2)),
    ...((input.files ?? options.files) && { files: filesOf(root) }),
  };
}

function exitCodeOf(host: WasiHost, start: () => void): number {
  try {
    start();
    return 0;
  } catch (thrown) {
    if (thrown instanceof WasiExit) return thrown.exitCode;
    throw withOutput(thrown, host);
  }
}

/** What a trap was about is often told by what the guest wrote before it. */
function withOutput(thrown: unknown, host: WasiHost): unknown {
  if (!(thrown instanceof Error) || !Object.isExtensible(thrown)) return thrown;
  const last = (fd: 1 | 2) => Buffer.from(host.output(fd)).subarray(-mostRepeated).toString();
  return Object.assign(thrown, { stdout: last(1), stderr: last(2) });
}

function hostOf(
  self: BoundGuest,
  options: WasiOptions,
  input: WasiInput,
  root = treeOf(options.files ?? {}),
): WasiHost {
  const stdin = input.stdin ?? options.stdin ?? '';
  const isOld = importModulesOf(self).includes('wasi_unstable');
  return wasiHost(
    {
      args: [options.program ?? 'guest', ...(input.args ?? options.args ?? [])],
      env: { ...options.env, ...input.env },
      stdin: typeof stdin === 'string' ? Buffer.from(stdin) : stdin,
      root,
      layout: isOld ? layouts.wasi_unstable : layouts.wasi_snapshot_preview1,
    },
    () => memoryOf(self),
  );
}

function memoryOf({ exports, memory }: BoundGuest): { readonly buffer: ArrayBuffer } {
  const found = exports?.['memory'] ?? memory;
  if (found) return found as { readonly buffer: ArrayBuffer };
  throw new TypeError("wasi(): expected a guest that exports its memory as 'memory' or imports it, got neither");
}
